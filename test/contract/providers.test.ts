import { afterAll, describe, expect, test } from 'vitest';
import { chat, embed } from './clients/requests.js';
import { chunksOf, expectStreamToFail, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { within } from './expectations/timing.js';
import { chatCompletion } from './schemas/chat.js';
import { providerKey } from './subject/environment.js';
import { closedPort, silentPort, type SilentPort } from './subject/unreachable.js';
import { useBackend, useConfiguredBackend } from './subject/use-backend.js';
import { chunk, completion, errorBody } from './upstream/answers.js';
import type { Script } from './upstream/scene.js';
import {
  answers,
  answersPlausibly,
  fails,
  neverAnswers,
  stopsAfterHeaders,
  streams,
  streamsText,
  streamsWithoutEnd,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';

describe('what the upstream says', () => {
  const backend = useBackend(upstream);

  test.each([400, 404, 413, 422])(
    '%i is the client’s own mistake: the same status, message, type, param and code',
    async (status) => {
      const body = errorBody('Max is 4096.', 'invalid_request_error', 'too_big', 'max_tokens');
      const answer = await backend.post(path, chat(upstream.scene(fails(status, body))));
      const { error } = expectProblem(answer, {
        status,
        code: 'too_big',
        type: 'invalid_request_error',
        param: 'max_tokens',
      });
      expect(error.message).toBe('Max is 4096.');
    },
  );

  test.each([
    ['no JSON', 'Bad Request', 'text/plain'],
    ['a page', '<html><body>400</body></html>', 'text/html'],
    ['another shape', '{"detail":"nope"}', 'application/json'],
    ['a text where an object should be', '{"error":"model is missing"}', 'application/json'],
    ['an error without code, type and param', '{"error":{"message":"nope"}}', 'application/json'],
  ])('a 400 with a body that is %s still becomes a whole problem', async (_case, body, type) => {
    const scene = upstream.scene(answers(body, { status: 400, headers: { 'content-type': type } }));
    const answer = await backend.post(path, chat(scene));
    expect(answer.status, answer.text).toBe(400);
    expectProblem(answer, {
      status: 400,
      code: String((answer.json as { error: { code: unknown } }).error.code),
    });
  });

  test('429 is 429: its code and its Retry-After are passed on', async () => {
    const body = errorBody('Slow down.', 'tokens', 'tokens_exceeded');
    const scene = upstream.scene(fails(429, body, { 'retry-after': '7' }));
    const answer = await backend.post(path, chat(scene));
    expectProblem(answer, { status: 429, code: 'tokens_exceeded', type: 'rate_limit_error' });
    expect(answer.headers['retry-after']).toBe('7');
  });

  test('429 that says neither code nor Retry-After gets both', async () => {
    const scene = upstream.scene(answers('{}', { status: 429 }));
    const answer = await backend.post(path, chat(scene));
    expectProblem(answer, { status: 429, code: 'rate_limit_exceeded' });
    expect(answer.headers['retry-after']).toBe('1');
  });

  test.each([401, 403])(
    '%i is not the client’s fault, and says nothing of our key: 502',
    async (status) => {
      const body = errorBody(
        `Incorrect API key provided: ${providerKey}.`,
        'invalid_request_error',
        'invalid_api_key',
      );
      const answer = await backend.post(path, chat(upstream.scene(fails(status, body))));
      expectProblem(answer, { status: 502, code: 'upstream_error' });
      expect(answer.text).not.toContain(providerKey);
      expect(answer.text).not.toContain('Incorrect API key');
    },
  );

  test('408 is a time-out: 504', async () => {
    const answer = await backend.post(path, chat(upstream.scene(fails(408))));
    expectProblem(answer, { status: 504, code: 'upstream_timeout' });
  });

  test.each([402, 409, 410, 418, 500, 501, 503, 504, 529])(
    '%i is 502, and its words stay here',
    async (status) => {
      const body = errorBody('SECRET innards of the upstream', 'x', 'y');
      const answer = await backend.post(path, chat(upstream.scene(fails(status, body))));
      expectProblem(answer, { status: 502, code: 'upstream_error', param: null });
      expect(answer.text).not.toContain('SECRET');
    },
  );

  test.each<[string, Script]>([
    ['a page', answers('<html>hello</html>', { headers: { 'content-type': 'text/html' } })],
    ['a page that calls itself JSON', answers('<html>hello</html>')],
    ['nothing', answers('')],
    ['half an object', answers('{"id":"x"')],
    ['JSON that is no object', answers('"hello"')],
    ['null', answers('null')],
    ['a redirect', answers('', { status: 302, headers: { location: 'http://127.0.0.1:1/' } })],
    ['no content', answers('', { status: 204 })],
    [
      'a broken connection',
      (call) => {
        call.destroy();
      },
    ],
    [
      'a connection that breaks in the middle',
      async (call) => {
        call.head(200, { 'content-type': 'application/json', 'content-length': '1000' });
        await call.write('{"id":');
        await call.wait(50);
        call.destroy();
      },
    ],
  ])('%s is 502', async (_case, script) => {
    for (const [route, request] of [
      [path, chat],
      ['/v1/embeddings', embed],
    ] as const) {
      const answer = await backend.post(route, request(upstream.scene(script)));
      expectProblem(answer, { status: 502, code: 'upstream_error' });
    }
  });

  test('an answer of several megabytes comes through whole', async () => {
    const text = JSON.stringify(completion({ content: 'ü'.repeat(3_000_000) }));
    const answer = await backend.post(path, chat(upstream.scene(answers(text))));
    expect(answer.text === text).toBe(true);
  });

  test('a compressed answer is not asked for, or is understood', async () => {
    const scene = upstream.scene(answersPlausibly());
    await backend.post(path, chat(scene));
    expect(['undefined', 'identity']).toContain(String(scene.calls[0]?.headers['accept-encoding']));
  });
});

describe('what the upstream does not say in time', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { PROVIDER_FIRST_BYTE_TIMEOUT_MS: '500', PROVIDER_TIMEOUT_MS: '5000' },
  });

  test.each<[string, Record<string, unknown>, Script]>([
    ['JSON, no answer', {}, neverAnswers],
    ['a stream, no answer', { stream: true }, neverAnswers],
    ['a stream, headers but no chunk', { stream: true }, stopsAfterHeaders('text/event-stream')],
    ['JSON, headers but no end', {}, stopsAfterHeaders()],
  ])('%s: 504, and the call is aborted', async (_case, extra, script) => {
    const scene = upstream.scene(script);
    const began = performance.now();
    const answer = await backend.post(path, chat(scene, extra));
    expectProblem(answer, { status: 504, code: 'upstream_timeout' });
    expect(performance.now() - began, 'the time for the first byte counts').toBeLessThan(4_000);
    expect(await within(2_000, (await scene.call()).abandonment())).not.toBe('late');
  });

  test('a stream that goes on beyond the whole time ends with an error frame', async () => {
    const scene = upstream.scene(streamsWithoutEnd('x'));
    const stream = await backend.stream(path, chat(scene, { stream: true }));
    await expectStreamToFail(stream, 'upstream_timeout');
    expect(await within(2_000, (await scene.call()).abandonment())).not.toBe('late');
  });

  test('JSON that drips beyond the whole time is 504', async () => {
    const scene = upstream.scene(async (call) => {
      call.head(200, { 'content-type': 'application/json' });
      for (;;) {
        await call.write(' ');
        await call.wait(100);
      }
    });
    const answer = await backend.post(path, chat(scene));
    expectProblem(answer, { status: 504, code: 'upstream_timeout' });
    expect(await within(2_000, (await scene.call()).abandonment())).not.toBe('late');
  });

  test('an answer whose first byte is in time may take longer than that for the rest', async () => {
    const scene = upstream.scene(streamsText(['a', 'b', 'c'], { pause: 250 }));
    const stream = await backend.stream(path, chat(scene, { stream: true }));
    expect(textOf(await chunksOf(stream))).toBe('abc');
  });
});

describe('where the upstream is not', () => {
  let silent: SilentPort | undefined;
  const backend = useConfiguredBackend(upstream, async () => {
    silent = await silentPort();
    const at = (port: number) => [{ base_url: `http://127.0.0.1:${String(port)}/v1` }];
    return {
      env: { PROVIDER_CONNECT_TIMEOUT_MS: '500', PROVIDER_FIRST_BYTE_TIMEOUT_MS: '20000' },
      models: {
        refused: at(await closedPort()),
        silent: at(silent?.port ?? 1),
        nowhere: [{ base_url: 'http://no-such-host.invalid/v1' }],
      },
    };
  });
  afterAll(() => silent?.close());

  test.each(['refused', 'nowhere'])('a connection that fails is 502: %s', async (model) => {
    for (const extra of [{}, { stream: true }]) {
      const answer = await backend.post(path, chat({ model }, extra));
      expectProblem(answer, { status: 502, code: 'upstream_error' });
    }
  });

  test('a connection that is not made in time is 504', async (context) => {
    context.skip(silent === undefined, 'this system never leaves a connection waiting');
    const began = performance.now();
    const answer = await backend.post(path, chat({ model: 'silent' }));
    expectProblem(answer, { status: 504, code: 'upstream_timeout' });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('livez and readyz do not depend on a provider', async () => {
    expect((await backend.get('/livez')).status).toBe(200);
    expect((await backend.get('/readyz')).status).toBe(200);
  });
});

describe('a chain of targets', () => {
  const good = upstream.scene(answersPlausibly('From the second target.'));
  const untouched = upstream.scene(answersPlausibly());
  const first = {
    500: upstream.scene(fails(500)),
    503: upstream.scene(fails(503)),
    429: upstream.scene(fails(429)),
    garbage: upstream.scene(answers('<html>')),
    silent: upstream.scene(neverAnswers),
    silentStream: upstream.scene(stopsAfterHeaders('text/event-stream')),
  };
  const refusing = upstream.scene(fails(400));
  const cut = upstream.scene(
    streams([chunk({ role: 'assistant', content: 'Once' })], { ending: 'broken', usage: false }),
  );
  const bothFail = [upstream.scene(fails(500)), upstream.scene(fails(429))] as const;

  const backend = useConfiguredBackend(upstream, async () => ({
    env: { PROVIDER_FIRST_BYTE_TIMEOUT_MS: '700', CONTRACT_SECOND_KEY: 'sk-second-target' },
    models: {
      ...Object.fromEntries(
        Object.entries(first).map(([name, { model }]) => [
          `after-${name}`,
          [{ model }, { model: good.model, api_key_env: 'CONTRACT_SECOND_KEY' }],
        ]),
      ),
      'after-refused': [
        { base_url: `http://127.0.0.1:${String(await closedPort())}/v1` },
        { model: good.model },
      ],
      'after-400': [{ model: refusing.model }, { model: untouched.model }],
      'after-cut': [{ model: cut.model }, { model: untouched.model }],
      'after-good': [{ model: good.model }, { model: untouched.model }],
      'both-fail': bothFail.map(({ model }) => ({ model })),
      'mock-last': [{ model: first[500].model }, { provider: 'mock', model: 'mock' }],
    },
  }));

  test.each(['500', '503', '429', 'silent', 'refused'])(
    'the next one is tried when one fails before its first byte: %s',
    async (name) => {
      const answer = await backend.post(path, chat({ model: `after-${name}` }));
      expect(answer.status, answer.text).toBe(200);
      expect(answer.as(chatCompletion).choices[0]?.message.content).toBe('From the second target.');
    },
  );

  test.each(['500', 'silent', 'silentStream', 'refused'])(
    'so it is for streams: %s',
    async (name) => {
      const stream = await backend.stream(path, chat({ model: `after-${name}` }, { stream: true }));
      expect(textOf(await chunksOf(stream))).toBe('From the second target.');
    },
  );

  test('each target has its own key and its own name for the model', async () => {
    await backend.post(path, chat({ model: 'after-500' }));
    expect(first[500].calls.at(-1)?.headers.authorization).toBe(`Bearer ${providerKey}`);
    expect(good.calls.at(-1)?.headers.authorization).toBe('Bearer sk-second-target');
    expect(good.calls.at(-1)?.body['model']).toBe(good.model);
  });

  test('a target may be of another provider', async () => {
    const answer = await backend.post(path, chat({ model: 'mock-last' }));
    expect(answer.as(chatCompletion).choices[0]?.message.content).toBe('Echo: Say hello.');
  });

  test('the next one is not tried when the first one answers', async () => {
    await backend.post(path, chat({ model: 'after-good' }));
    expect(untouched.calls.length).toBe(0);
  });

  test('nor when the request itself is at fault', async () => {
    const answer = await backend.post(path, chat({ model: 'after-400' }));
    expect(answer.status).toBe(400);
    expect(untouched.calls.length).toBe(0);
  });

  test('nor after the first byte', async () => {
    const stream = await backend.stream(path, chat({ model: 'after-cut' }, { stream: true }));
    await expectStreamToFail(stream);
    expect(untouched.calls.length).toBe(0);
  });

  test('when all of them fail, so does the call', async () => {
    const answer = await backend.post(path, chat({ model: 'both-fail' }));
    expectProblem(answer, { status: 429, code: 'upstream_code' });
    expect(bothFail.map(({ calls }) => calls.length)).toEqual([1, 1]);
  });

  test('embeddings have the same chain', async () => {
    const answer = await backend.post('/v1/embeddings', embed({ model: 'after-500' }));
    expect(answer.status, answer.text).toBe(200);
  });
});
