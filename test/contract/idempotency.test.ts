import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey, apiKeys, KeyHolder } from './clients/api-keys.js';
import type { Answer, Client } from './clients/client.js';
import { ended, respondAsync } from './clients/jobs.js';
import { growth, named } from './clients/metrics.js';
import { limitOf } from './clients/rate-limits.js';
import { chat, embed, summarize } from './clients/requests.js';
import { chunksOf, expectStreamToFail, textOf } from './expectations/chat-stream.js';
import { expectProblem, requestIdOf } from './expectations/problem.js';
import { eventually, within } from './expectations/timing.js';
import { chatCompletion } from './schemas/chat.js';
import { job, jobList } from './schemas/jobs.js';
import { useBackend, useConfiguredBackend } from './subject/use-backend.js';
import { completion, textChunks } from './upstream/answers.js';
import { gate } from './upstream/gate.js';
import type { Script } from './upstream/scene.js';
import {
  answers,
  answersPlausibly,
  fails,
  neverAnswers,
  streams,
  streamsText,
  waitsFor,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const path = '/v1/chat/completions';

const plausible = () => upstream.scene(answersPlausibly());
/** A scene whose every answer is another one, so that a replay can be told from a second run. */
const numbered = () =>
  upstream.scene(
    answers(completion({ content: 'the first' })),
    answers(completion({ content: 'the second' })),
  );
let keys = 0;
/** A key that no other test uses. */
const fresh = () => {
  keys += 1;
  return `key-${String(keys)}-${Math.random().toString(36).slice(2)}`;
};
const withKey = (key: string) => ({ 'idempotency-key': key });
const isReplay = ({ headers }: Pick<Answer, 'headers'>) =>
  headers['idempotent-replayed'] === 'true';

function expectInUse(answer: Answer): void {
  expectProblem(answer, { status: 409, code: 'idempotency_key_in_use', param: null });
  expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/u);
}

function expectReused(answer: Answer): void {
  expectProblem(answer, { status: 422, code: 'idempotency_key_reused', param: null });
}

describe('the same key and the same payload', () => {
  test.each<[string, string, (scene: { model: string }) => unknown]>([
    ['a chat', path, chat],
    ['embeddings', '/v1/embeddings', embed],
    ['a task', '/v1/tasks/summarize', summarize],
    ['a chat by its task’s name', '/v1/tasks/chat.completion', chat],
  ])('answer the first answer again: %s', async (_case, route, request) => {
    const scene = plausible();
    const headers = { ...withKey(fresh()), 'cache-control': 'no-store' };
    const first = await backend.post(route, request(scene), headers);
    const second = await backend.post(route, request(scene), headers);
    expect(first.status, first.text).toBe(200);
    expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
    expect(second.status).toBe(200);
    expect(second.text).toBe(first.text);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect(requestIdOf(second.headers)).not.toBe(requestIdOf(first.headers));
    expect(scene.calls.length).toBe(1);
  });

  test('do so as often as they are sent', async () => {
    const scene = numbered();
    const headers = withKey(fresh());
    const first = await backend.post(path, chat(scene), headers);
    for (let n = 0; n < 5; n += 1) {
      const again = await backend.post(path, chat(scene), headers);
      expect(again.text).toBe(first.text);
      expect(isReplay(again)).toBe(true);
    }
    expect(scene.calls.length).toBe(1);
  });

  test('whether the key is quoted or bare', async () => {
    const scene = numbered();
    const key = fresh();
    await backend.post(path, chat(scene), withKey(`"${key}"`));
    expect(isReplay(await backend.post(path, chat(scene), withKey(key)))).toBe(true);
    expect(isReplay(await backend.post(path, chat(scene), withKey(`"${key}"`)))).toBe(true);
    expect(scene.calls.length).toBe(1);
  });

  test('however the JSON is written', async () => {
    const scene = numbered();
    const headers = withKey(fresh());
    await backend.post(path, chat(scene, { user: 'ü', top_p: 0.5 }), headers);
    const rewritten = `{ "top_p":5e-1, "user":"\\u00fc",
      "messages":[{"content":"Say hello.","role":"user"}], "model":"${scene.model}" }`;
    expect(isReplay(await backend.post(path, rewritten, headers))).toBe(true);
  });

  test.each([randomUUID(), fresh().padEnd(255, 'x'), `a:b/c=d+e~f!${fresh()}`])(
    'for any key of visible characters: %s',
    async (key) => {
      const scene = numbered();
      const headers = withKey(key);
      const [first, second] = [
        await backend.post(path, chat(scene), headers),
        await backend.post(path, chat(scene), headers),
      ];
      expect(first.status, first.text).toBe(200);
      expect(isReplay(second)).toBe(true);
    },
  );

  test('are counted when they are replayed', async () => {
    const scene = numbered();
    const headers = withKey(fresh());
    await backend.post(path, chat(scene), headers);
    const replays = named('idempotent_replays_total');
    const more = await growth(backend.processes, replays, () =>
      backend.post(path, chat(scene), headers),
    );
    await eventually('one more replay', async () => (await more()) === 1);
  });

  test('of a job answer the job that was accepted, even once it has ended', async () => {
    for (const [route, request, preference] of [
      ['/v1/jobs', (model: string) => ({ type: 'chat.completion', request: chat({ model }) }), {}],
      [path, (model: string) => chat({ model }), respondAsync],
    ] as const) {
      const scene = numbered();
      const headers = { ...withKey(fresh()), ...preference };
      const first = await backend.post(route, request(scene.model), headers);
      expect(first.status, first.text).toBe(202);
      await ended(backend, first.as(job));
      const second = await backend.post(route, request(scene.model), headers);
      expect([second.status, isReplay(second)]).toEqual([202, true]);
      expect(second.text).toBe(first.text);
      for (const name of ['location', 'retry-after', 'preference-applied']) {
        expect(second.headers[name]).toBe(first.headers[name]);
      }
      await sleep(200);
      expect(scene.calls.length).toBe(1);
      const { data } = (await backend.get('/v1/jobs?limit=2')).as(jobList);
      expect(data.filter(({ id }) => id === first.as(job).id)).toHaveLength(1);
    }
  });
});

describe('the same key and a stream', () => {
  const inStream = { stream: true };

  test('replay the stream, frame by frame', async () => {
    const scene = upstream.scene(streamsText(['Hello', ' again']), streamsText(['Something else']));
    const headers = withKey(fresh());
    const first = await backend.stream(path, chat(scene, inStream), headers);
    const original = await first.all();
    const second = await backend.stream(path, chat(scene, inStream), headers);
    expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
    for (const name of ['content-type', 'cache-control', 'x-accel-buffering']) {
      expect(second.headers[name]).toBe(first.headers[name]);
    }
    expect(textOf(await chunksOf(second))).toBe('Hello again');
    expect(second.frames.map(({ data }) => data)).toEqual(original.map(({ data }) => data));
    expect(scene.calls.length).toBe(1);
  });

  test('replay that of a task', async () => {
    const scene = upstream.scene(streamsText(['Hello']), streamsText(['Something else']));
    const headers = { ...withKey(fresh()), accept: 'text/event-stream' };
    const ask = async () => {
      const stream = await backend.stream('/v1/tasks/chat.completion', chat(scene), headers);
      return (await stream.all()).map(({ event, data }) => [event, data]);
    };
    expect(await ask()).toEqual(await ask());
    expect(scene.calls.length).toBe(1);
  });

  test('are in use until it has ended', async () => {
    const release = gate();
    const scene = upstream.scene(streamsText(['a', 'b'], { gates: { 2: release.opened } }));
    const headers = withKey(fresh());
    const stream = await backend.stream(path, chat(scene, inStream), headers);
    await stream.next();
    expectInUse(await backend.post(path, chat(scene, inStream), headers));
    release.open();
    expect(textOf(await chunksOf(stream))).toBe('ab');
    let again: Answer | undefined;
    await eventually('it is replayed', async () => {
      again = await backend.post(path, chat(scene, inStream), headers);
      return again.status === 200;
    });
    expect(again !== undefined && isReplay(again)).toBe(true);
    expect(scene.calls.length).toBe(1);
  });
});

describe('the same key and another payload', () => {
  test.each<[string, Record<string, unknown>]>([
    ['another message', { messages: [{ role: 'user', content: 'Say hello' }] }],
    ['another field', { user: 'someone' }],
    ['a stream', { stream: true }],
    ['null in place of nothing', { temperature: null }],
  ])('are 422: %s', async (_case, change) => {
    const scene = numbered();
    const headers = withKey(fresh());
    await backend.post(path, chat(scene), headers);
    expectReused(await backend.post(path, chat(scene, change), headers));
    expect(scene.calls.length).toBe(1);
    const again = await backend.post(path, chat(scene), headers);
    expect(isReplay(again), 'and the first answer is still there').toBe(true);
  });

  test('are 422 on another route, too', async () => {
    const scene = numbered();
    const headers = withKey(fresh());
    await backend.post(path, chat(scene), headers);
    expectReused(await backend.post('/v1/tasks/chat.completion', chat(scene), headers));
    expectReused(await backend.post('/v1/embeddings', embed(scene), headers));
    const request = { type: 'chat.completion', request: chat(scene) };
    expectReused(await backend.post('/v1/jobs', request, headers));
    expect(scene.calls.length).toBe(1);
  });

  test('are no second run while the first is in flight', async () => {
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const headers = withKey(fresh());
    const first = backend.post(path, chat(scene), headers);
    await scene.call();
    const other = await backend.post(path, chat(scene, { user: 'x' }), headers);
    expect([409, 422]).toContain(other.status);
    release.open();
    expect((await first).status).toBe(200);
  });

  test('another key and the same payload are another request', async () => {
    const scene = numbered();
    const texts = [];
    for (const key of [fresh(), fresh()]) {
      const answer = await backend.post(path, chat(scene), withKey(key));
      expect(isReplay(answer)).toBe(false);
      texts.push(answer.as(chatCompletion).choices[0]?.message.content);
    }
    expect(texts).toEqual(['the first', 'the second']);
  });
});

describe('while the first is in flight', () => {
  test('the same key is 409, at once', async () => {
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const headers = withKey(fresh());
    const first = backend.post(path, chat(scene), headers);
    await scene.call();
    const second = await within(2_000, backend.post(path, chat(scene), headers));
    if (second === 'late') throw new Error('It was to be refused at once.');
    expectInUse(second);
    release.open();
    const answer = await first;
    expect(answer.status).toBe(200);
    const third = await backend.post(path, chat(scene), headers);
    expect([isReplay(third), third.text]).toEqual([true, answer.text]);
    expect(scene.calls.length).toBe(1);
  });

  test('of fifty at once, one runs', async () => {
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const headers = withKey(fresh());
    const all = Array.from({ length: 50 }, () => backend.post(path, chat(scene), headers));
    await scene.call();
    await sleep(500);
    release.open();
    const answered = await Promise.all(all);
    const served = answered.filter(({ status }) => status === 200);
    expect(served.filter((answer) => !isReplay(answer))).toHaveLength(1);
    answered.filter(({ status }) => status !== 200).forEach(expectInUse);
    expect(scene.calls.length).toBe(1);
  });

  test('so it is of jobs: one is accepted', async () => {
    const scene = plausible();
    const headers = withKey(fresh());
    const request = { type: 'chat.completion', request: chat(scene) };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => backend.post('/v1/jobs', request, headers)),
    );
    const accepted = all.filter(({ status }) => status === 202).map((answer) => answer.as(job));
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
    all.filter(({ status }) => status !== 202).forEach(expectInUse);
    for (const each of accepted) await ended(backend, each);
    expect(scene.calls.length).toBe(1);
  });
});

describe('what did not succeed leaves the key free', () => {
  const half = textChunks(['Once']).slice(0, -1);

  async function expectFree(client: Client, request: unknown, key: string): Promise<void> {
    let answer: Answer | undefined;
    await eventually('the key is free', async () => {
      answer = await client.post(path, request, withKey(key));
      return answer.status !== 409;
    });
    expect(answer?.status, answer?.text).toBe(200);
    expect(answer !== undefined && isReplay(answer)).toBe(false);
  }

  test.each<[string, Script]>([
    ['a failure of the upstream', fails(500)],
    ['a rate limit of the upstream', fails(429)],
    ['a refusal of the upstream', fails(400)],
    ['garbage', answers('<html>')],
  ])('%s', async (_case, script) => {
    const scene = upstream.scene(script, answersPlausibly());
    const key = fresh();
    const failed = await backend.post(path, chat(scene), withKey(key));
    expect(failed.status).toBeGreaterThanOrEqual(400);
    await expectFree(backend, chat(scene), key);
    expect(scene.calls.length).toBe(2);
  });

  test('a request that was refused: it may be mended', async () => {
    const scene = plausible();
    const key = fresh();
    for (const wrong of ['{', { model: scene.model }, chat(scene, { messages: [] })]) {
      const refused = await backend.post(path, wrong, withKey(key));
      expect(refused.status).toBe(400);
    }
    await expectFree(backend, chat(scene), key);
  });

  test('a stream that was cut', async () => {
    const scene = upstream.scene(
      streams(half, { ending: 'broken', usage: false }),
      answersPlausibly(),
    );
    const key = fresh();
    const request = chat(scene, { stream: true });
    await expectStreamToFail(await backend.stream(path, request, withKey(key)));
    await expectFree(backend, request, key);
  });

  test.each<[string, Record<string, unknown>, Script]>([
    ['JSON', {}, neverAnswers],
    ['a stream', { stream: true }, streams(half, { ending: 'never', usage: false })],
  ])('%s that nobody stayed to hear', async (_case, extra, script) => {
    const scene = upstream.scene(script, answersPlausibly());
    const key = fresh();
    const exchange = backend.beginPost(path, chat(scene, extra), withKey(key));
    await scene.call();
    await sleep(300);
    exchange.leave();
    await expectFree(backend, chat(scene, extra), key);
    expect(scene.calls.length).toBe(2);
  });
});

describe('a key that is none is 400', () => {
  test.each([
    ['empty', ''],
    ['empty in quotes', '""'],
    ['too long', 'x'.repeat(256)],
    ['with a line’s tab', 'a\tb'],
    ['not of ASCII', 'schlüssel'],
  ])('%s', async (_case, key) => {
    const scene = plausible();
    const answer = await backend.post(
      path,
      chat(scene),
      withKey(Buffer.from(key).toString('latin1')),
    );
    expectProblem(answer, { status: 400, code: 'invalid_request' });
    expect(scene.calls.length).toBe(0);
  });
});

describe('where a key has no meaning it is not minded', () => {
  test('GET, cancel and DELETE', async () => {
    const headers = withKey(fresh());
    const scene = plausible();
    const accepted = await backend.post('/v1/jobs', { type: 'embedding', request: embed(scene) });
    const { urls } = await ended(backend, accepted.as(job));
    const answered = [
      await backend.get('/v1/models', headers),
      await backend.get('/v1/jobs', headers),
      await backend.get(urls.self, headers),
      await backend.send('POST', urls.cancel, { headers }),
      await backend.send('POST', urls.cancel, { headers }),
      await backend.send('DELETE', urls.self, { headers }),
    ];
    expect(answered.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 204]);
    expect(answered.some(isReplay)).toBe(false);
  });
});

describe('keys and limits', () => {
  const acme = new ApiKey('acme');
  const acmeToo = new ApiKey('acme');
  const globex = new ApiKey('globex');
  const limited = useConfiguredBackend(upstream, {
    env: {
      API_KEYS: apiKeys([acme, acmeToo, globex]),
      RATE_LIMIT_REQUESTS_PER_MINUTE: '100',
      RATE_LIMIT_TOKENS_PER_MINUTE: '10000',
    },
  });
  const [one, sameTenant, other] = [acme, acmeToo, globex].map(
    (key) => new KeyHolder(limited, key),
  ) as [KeyHolder, KeyHolder, KeyHolder];

  test('an Idempotency-Key is its tenant’s own', async () => {
    const scene = numbered();
    const headers = withKey(fresh());
    const mine = await one.post(path, chat(scene), headers);
    const theirs = await other.post(path, chat(scene), headers);
    expect([theirs.status, isReplay(theirs)]).toEqual([200, false]);
    expect(theirs.text).not.toBe(mine.text);
    const ours = await sameTenant.post(path, chat(scene), headers);
    expect([isReplay(ours), ours.text]).toEqual([true, mine.text]);
    const another = await other.post(path, chat(scene, { user: 'x' }), headers);
    expectReused(another);
  });

  test('a replay costs no request and no tokens', async () => {
    const used = async () => {
      const answer = await one.post(path, chat(upstream.scene(fails(400))));
      return [limitOf(answer, 'requests').remaining, limitOf(answer, 'tokens').remaining];
    };
    const scene = numbered();
    const headers = withKey(fresh());
    await one.post(path, chat(scene), headers);
    const [requests = 0, tokens] = await used();
    for (let n = 0; n < 5; n += 1) {
      expect(isReplay(await one.post(path, chat(scene), headers))).toBe(true);
    }
    expect(await used()).toEqual([requests - 1, tokens]);
  });
});
