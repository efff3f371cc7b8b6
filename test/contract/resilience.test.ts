import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Answer } from './clients/client.js';
import { ended, submitChat } from './clients/jobs.js';
import { growth, named, scrape } from './clients/metrics.js';
import { chat, embed, summarize } from './clients/requests.js';
import { apiErrorOf, openai, sdk } from './clients/sdk.js';
import { chunksOf, expectStreamToFail, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { eventually } from './expectations/timing.js';
import { chatCompletion } from './schemas/chat.js';
import { oneProcess } from './subject/deployment.js';
import { useConfiguredBackend } from './subject/use-backend.js';
import { chunk, errorBody } from './upstream/answers.js';
import { gate } from './upstream/gate.js';
import type { Scene, Script } from './upstream/scene.js';
import {
  answersPlausibly,
  fails,
  frame,
  neverAnswers,
  stopsAfterHeaders,
  streams,
  streamsRaw,
  waitsFor,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';
const inStream = { stream: true };

const breaks: Script = (call) => {
  call.destroy();
};
const breaksHalfway: Script = async (call) => {
  call.head(200, { 'content-type': 'application/json', 'content-length': '1000' });
  await call.write('{"id":');
  await call.wait(50);
  call.destroy();
};
const goodStart = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Once' })];

/** Says that waiting does not help: the account is empty. */
const outOfQuota = (code: string) => fails(429, errorBody('Pay first.', code, code));

describe('with PROVIDER_MAX_RETRIES=2', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { PROVIDER_MAX_RETRIES: '2', PROVIDER_FIRST_BYTE_TIMEOUT_MS: '500' },
  });

  describe('what will not pass is asked once', () => {
    test.each([400, 401, 403, 404, 409, 413, 422])('%i', async (status) => {
      const scene = upstream.scene(fails(status), answersPlausibly());
      expect((await backend.post(path, chat(scene))).status).toBeGreaterThanOrEqual(400);
      expect(scene.calls.length).toBe(1);
    });

    test.each(['insufficient_quota', 'billing_hard_limit_reached'])(
      '429 %s, and the SDK is told not to try again either',
      async (code) => {
        const scene = upstream.scene(outOfQuota(code), answersPlausibly());
        const answer = await backend.post(path, chat(scene));
        expectProblem(answer, { status: 429, code, type: 'rate_limit_error' });
        expect(answer.headers['x-should-retry']).toBe('false');
        expect(scene.calls.length).toBe(1);

        const again = upstream.scene(outOfQuota(code), answersPlausibly());
        const client = openai(backend, { maxRetries: 2 });
        const messages = [{ role: 'user' as const, content: 'Hello.' }];
        const error = await apiErrorOf(
          client.chat.completions.create({ model: again.model, messages }),
        );
        expect(error).toBeInstanceOf(sdk.RateLimitError);
        expect(again.calls.length).toBe(1);
      },
    );
  });

  describe('what may pass is asked exactly three times', () => {
    test.each([
      [408, 504, 'upstream_timeout'],
      [429, 429, 'upstream_code'],
      [500, 502, 'upstream_error'],
      [502, 502, 'upstream_error'],
      [503, 502, 'upstream_error'],
      [504, 502, 'upstream_error'],
      [529, 502, 'upstream_error'],
    ])('%i', async (upstreamStatus, status, code) => {
      const scene = upstream.scene(fails(upstreamStatus));
      const answer = await backend.post(path, chat(scene));
      expectProblem(answer, { status, code });
      expect(answer.headers['x-should-retry']).not.toBe('false');
      await sleep(700);
      expect(scene.calls.length).toBe(3);
    });

    test.each<[string, (scene: Scene) => Promise<Answer>]>([
      ['a streamed chat', (scene) => backend.post(path, chat(scene, inStream))],
      ['embeddings', (scene) => backend.post('/v1/embeddings', embed(scene))],
      ['a task', (scene) => backend.post('/v1/tasks/summarize', summarize(scene))],
    ])('on every route: %s', async (_case, call) => {
      const scene = upstream.scene(fails(503));
      expectProblem(await call(scene), { status: 502, code: 'upstream_error' });
      expect(scene.calls.length).toBe(3);
    });

    test.each<[string, Script, Record<string, unknown>, number, string]>([
      ['a connection that breaks', breaks, {}, 502, 'upstream_error'],
      ['a connection of a stream that breaks', breaks, inStream, 502, 'upstream_error'],
      ['silence of a stream', neverAnswers, inStream, 504, 'upstream_timeout'],
      [
        'a stream without a first chunk',
        stopsAfterHeaders('text/event-stream'),
        inStream,
        504,
        'upstream_timeout',
      ],
    ])('%s', async (_case, script, extra, status, code) => {
      const scene = upstream.scene(script);
      expectProblem(await backend.post(path, chat(scene, extra)), { status, code });
      expect(scene.calls.length).toBe(3);
    });

    test('by a job, too, whose failure is final', async () => {
      const scene = upstream.scene(fails(503));
      const end = await ended(backend, await submitChat(backend, chat(scene)));
      expect(end).toMatchObject({
        status: 'failed',
        attempt: 1,
        error: { code: 'upstream_error' },
      });
      await sleep(1_500);
      expect(scene.calls.length).toBe(3);
      expect(await ended(backend, end)).toEqual(end);
    });
  });

  test('what passes at last is an answer like any other', async () => {
    const scene = upstream.scene(fails(503), breaks, answersPlausibly('At last.'));
    const answer = await backend.post(path, chat(scene));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.as(chatCompletion).choices[0]?.message.content).toBe('At last.');
    const streamed = upstream.scene(fails(500), fails(429), answersPlausibly('At last.'));
    const stream = await backend.stream(path, chat(streamed, inStream));
    expect(textOf(await chunksOf(stream))).toBe('At last.');
    expect([scene.calls.length, streamed.calls.length]).toEqual([3, 3]);
  });

  test('each call is the same call', async () => {
    const scene = upstream.scene(fails(503), fails(503), answersPlausibly());
    await backend.post(path, chat(scene, { vendor: [1, null] }));
    expect(new Set(scene.calls.map(({ rawBody }) => rawBody)).size).toBe(1);
  });

  test('silence is not asked again where the whole answer may be nearly done, and paid for', async () => {
    const scene = upstream.scene(neverAnswers, answersPlausibly());
    const answer = await backend.post(path, chat(scene));
    expectProblem(answer, { status: 504, code: 'upstream_timeout' });
    await sleep(700);
    expect(scene.calls.length).toBe(1);
  });

  describe('nothing is asked again after the first byte', () => {
    test.each<[string, Script]>([
      ['that is cut', streams(goodStart, { ending: 'broken', usage: false })],
      ['that ends too soon', streams(goodStart, { ending: 'no done', usage: false })],
      [
        'that ends in an error',
        streamsRaw([...goodStart.map(frame), frame(errorBody('Overloaded.', 'server_error'))]),
      ],
    ])('of a stream %s: the client is told of the error', async (_case, script) => {
      const scene = upstream.scene(script, answersPlausibly());
      await expectStreamToFail(await backend.stream(path, chat(scene, inStream)));
      await sleep(700);
      expect(scene.calls.length).toBe(1);
    });

    test('of JSON', async () => {
      const scene = upstream.scene(breaksHalfway, answersPlausibly());
      const answer = await backend.post(path, chat(scene));
      expectProblem(answer, { status: 502, code: 'upstream_error' });
      expect(scene.calls.length).toBe(1);
    });
  });

  test('nothing is asked again for a client that has left', async () => {
    const headers = { 'retry-after': '2' };
    const scene = upstream.scene(fails(503, '{}', headers), answersPlausibly());
    const exchange = backend.beginPost(path, chat(scene));
    await scene.call();
    await sleep(300);
    exchange.leave();
    await sleep(2_500);
    expect(scene.calls.length).toBe(1);
  });

  test.each([429, 503])('Retry-After of a %i is waited for', async (status) => {
    const headers = { 'retry-after': '2' };
    const scene = upstream.scene(fails(status, '{}', headers), answersPlausibly());
    const answer = await backend.post(path, chat(scene));
    expect(answer.status, answer.text).toBe(200);
    const [first, second] = scene.calls;
    expect((second?.arrivedAt ?? 0) - (first?.arrivedAt ?? 0)).toBeGreaterThan(1_900);
  });

  test('unless it is so long that nobody would: then the client is told, at once', async () => {
    const headers = { 'retry-after': '60' };
    const scene = upstream.scene(fails(429, '{}', headers), answersPlausibly());
    const began = performance.now();
    const answer = await backend.post(path, chat(scene));
    expectProblem(answer, { status: 429, code: 'rate_limit_exceeded' });
    expect(answer.headers['retry-after']).toBe('60');
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(scene.calls.length).toBe(1);
  });

  test('retries can be seen in the metrics, by their reason', async () => {
    const scene = upstream.scene(fails(503), breaks, answersPlausibly());
    const retries = ({
      name,
      labels,
    }: {
      name: string;
      labels: Readonly<Record<string, string>>;
    }) => name === 'gen_ai_client_retries_total' && labels['reason'] !== undefined;
    const more = await growth(backend.processes, retries, () => backend.post(path, chat(scene)));
    await eventually('two retries are counted', async () => (await more()) === 2);
  });

  test('and in the log, with the id of the request', async () => {
    const id = `contract-${Math.random().toString(36).slice(2)}`;
    const scene = upstream.scene(fails(503), fails(503), answersPlausibly());
    await backend.post(path, chat(scene), { 'x-request-id': id });
    const attempts = () =>
      backend.deployment.stdout
        .split('\n')
        .filter((line) => line.includes(id) && line.includes('"attempt"'));
    await eventually('both failures are told', () => attempts().length === 2);
  });
});

describe('by default', () => {
  const backend = useConfiguredBackend(upstream, { env: { PROVIDER_MAX_RETRIES: undefined } });

  test('there are two retries', async () => {
    const scene = upstream.scene(fails(503));
    await backend.post(path, chat(scene));
    expect(scene.calls.length).toBe(3);
  });
});

describe('a chain of targets, with PROVIDER_MAX_RETRIES=2', () => {
  const good = () => upstream.scene(answersPlausibly('From the second target.'));
  const chains = {
    down: [upstream.scene(fails(503)), good()],
    'all down': [upstream.scene(fails(503)), upstream.scene(fails(503))],
    'down for long': [upstream.scene(fails(429, '{}', { 'retry-after': '60' })), good()],
    'out of quota': [upstream.scene(outOfQuota('insufficient_quota')), good()],
    refusing: [upstream.scene(fails(400)), good()],
  } as const;
  const backend = useConfiguredBackend(upstream, {
    env: { PROVIDER_MAX_RETRIES: '2' },
    models: Object.fromEntries(
      Object.entries(chains).map(([alias, scenes]) => [
        alias,
        scenes.map(({ model }) => ({ model })),
      ]),
    ),
  });
  const counts = (alias: keyof typeof chains) => chains[alias].map(({ calls }) => calls.length);
  const ask = (alias: keyof typeof chains) => backend.post(path, chat({ model: alias }));

  test('the next one answers when the first one fails, all retries told', async () => {
    const fallbacks = ({ name }: { name: string }) => name === 'provider_fallbacks_total';
    const more = await growth(backend.processes, fallbacks, async () => {
      const answer = await ask('down');
      expect(answer.status, answer.text).toBe(200);
      expect(answer.as(chatCompletion).choices[0]?.message.content).toBe('From the second target.');
    });
    expect(counts('down')).toEqual([3, 1]);
    await eventually('one fallback is counted', async () => (await more()) === 1);
  });

  test('the retries are those of the request, not of each target', async () => {
    expectProblem(await ask('all down'), { status: 502, code: 'upstream_error' });
    const [first, second] = counts('all down');
    expect(second).toBeGreaterThanOrEqual(1);
    expect(Number(first) + Number(second)).toBe(4);
  });

  test('a target that is busy for long is not waited for', async () => {
    expect((await ask('down for long')).status).toBe(200);
    expect(counts('down for long')).toEqual([1, 1]);
  });

  test('a target that is out of quota is asked once', async () => {
    expect((await ask('out of quota')).status).toBe(200);
    expect(counts('out of quota')).toEqual([1, 1]);
  });

  test('a request that is at fault is asked of one target, once', async () => {
    expect((await ask('refusing')).status).toBe(400);
    expect(counts('refusing')).toEqual([1, 0]);
  });
});

describe('a circuit breaker', () => {
  const times = (count: number, script: Script) => Array.from({ length: count }, () => script);
  const probe = gate();
  const targets = {
    recovers: upstream.scene(fails(503), ...times(4, fails(503)), waitsFor(probe)),
    reopens: upstream.scene(fails(503)),
    fails: upstream.scene(fails(503)),
    breaks: upstream.scene(breaks),
    silent: upstream.scene(neverAnswers),
    limping: upstream.scene(
      ...([...times(4, fails(503)), answersPlausibly(), ...times(4, fails(503))] as [Script]),
      answersPlausibly(),
    ),
    limiting: upstream.scene(fails(429)),
    refusing: upstream.scene(fails(400)),
    abandoned: upstream.scene(neverAnswers),
    first: upstream.scene(fails(503)),
    second: upstream.scene(answersPlausibly()),
    jobs: upstream.scene(fails(503)),
  };
  type Target = keyof typeof targets;

  const backend = useConfiguredBackend(upstream, {
    ...oneProcess,
    env: { PROVIDER_FIRST_BYTE_TIMEOUT_MS: '400' },
    models: {
      ...Object.fromEntries(
        Object.entries(targets).map(([name, { model }]) => [name, [{ model }]]),
      ),
      chain: [{ model: targets.first.model }, { model: targets.second.model }],
      '*': [{}],
    },
  });
  const ask = (target: Target | 'chain', extra: Record<string, unknown> = {}) =>
    backend.post(path, chat({ model: target }, extra));
  const callsOf = (target: Target) => targets[target].calls.length;

  function expectUnavailable(answer: Answer): number {
    expectProblem(answer, { status: 503, code: 'provider_unavailable', param: null });
    expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/u);
    return Number(answer.header('retry-after'));
  }

  async function failFiveTimes(target: Target): Promise<void> {
    for (let n = 0; n < 5; n += 1) {
      const { status } = await ask(target);
      expect([502, 504]).toContain(status);
    }
    expect(callsOf(target)).toBe(5);
  }

  /** 0 closed, 1 half-open, 2 open. */
  async function expectState(model: Target, state: number): Promise<void> {
    await eventually(`the breaker of ${model} is in state ${String(state)}`, async () => {
      const samples = await scrape(backend.processes.slice(0, 1));
      return samples.some(
        (sample) =>
          named('provider_circuit_state', { model, target: '0' })(sample) && sample.value === state,
      );
    });
  }

  test.concurrent.each<[Target]>([['fails'], ['breaks'], ['silent']])(
    'opens after five failures in a row: nothing more is asked of a target that %s',
    async (target) => {
      await failFiveTimes(target);
      for (const extra of [{}, inStream]) {
        const wait = expectUnavailable(await ask(target, extra));
        expect(wait).toBeLessThanOrEqual(10);
      }
      expect(callsOf(target)).toBe(5);
    },
  );

  test.concurrent(
    'lets one call through after ten seconds, and closes when it succeeds',
    async () => {
      await failFiveTimes('recovers');
      const wait = expectUnavailable(await ask('recovers'));
      await expectState('recovers', 2);
      expect(wait).toBeGreaterThanOrEqual(8);
      await sleep(wait * 1_000 + 100);

      const answer = ask('recovers');
      await targets.recovers.call(5);
      await expectState('recovers', 1);
      expectUnavailable(await ask('recovers'));
      expect(callsOf('recovers'), 'one call only').toBe(6);
      probe.open();
      expect((await answer).status).toBe(200);
      await expectState('recovers', 0);
      const all = await Promise.all([1, 2, 3].map(() => ask('recovers')));
      expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(backend.deployment.stdout, 'and the log tells of it').toMatch(/breaker|circuit/iu);
    },
  );

  test.concurrent('opens again when that call fails', async () => {
    await failFiveTimes('reopens');
    await sleep(expectUnavailable(await ask('reopens')) * 1_000 + 100);
    expectProblem(await ask('reopens'), { status: 502, code: 'upstream_error' });
    expectUnavailable(await ask('reopens'));
    expect(callsOf('reopens')).toBe(6);
  });

  test('counts failures in a row only', async () => {
    const statuses = [];
    for (let n = 0; n < 10; n += 1) statuses.push((await ask('limping')).status);
    expect(statuses).toEqual([502, 502, 502, 502, 200, 502, 502, 502, 502, 200]);
  });

  test.each<[Target, number]>([
    ['limiting', 429],
    ['refusing', 400],
  ])('does not take for a failure what is none: %s', async (target, status) => {
    for (let n = 0; n < 8; n += 1) expect((await ask(target)).status).toBe(status);
    expect(callsOf(target)).toBe(8);
  });

  test('does not take a client that leaves for a failure', async () => {
    for (let n = 0; n < 8; n += 1) {
      const exchange = backend.beginPost(path, chat({ model: 'abandoned' }));
      const call = await targets.abandoned.call(n);
      exchange.leave();
      await call.abandonment();
    }
    expect(callsOf('abandoned')).toBe(8);
  });

  test('is a target’s own: other models are served, and those that "*" lets through, too', async () => {
    const down = upstream.scene(fails(503));
    for (let n = 0; n < 5; n += 1) await backend.post(path, chat(down));
    expectUnavailable(await backend.post(path, chat(down)));
    for (const model of [upstream.scene(answersPlausibly()).model, 'second']) {
      const answer = await backend.post(path, chat({ model }));
      expect(answer.status, answer.text).toBe(200);
    }
  });

  test('has a chain go on with the next target, without a call', async () => {
    for (let n = 0; n < 7; n += 1) expect((await ask('chain')).status).toBe(200);
    expect(callsOf('first')).toBe(5);
    expect(callsOf('second')).toBeGreaterThanOrEqual(7);
  });

  test('fails jobs, too', async () => {
    const codes = [];
    for (let n = 0; n < 6; n += 1) {
      const accepted = await submitChat(backend, chat({ model: 'jobs' }));
      codes.push((await ended(backend, accepted)).error?.code);
    }
    expect(codes).toEqual([...Array<string>(5).fill('upstream_error'), 'provider_unavailable']);
    expect(callsOf('jobs')).toBe(5);
  });

  test('does not keep livez or readyz from being green', async () => {
    expect((await backend.get('/livez')).status).toBe(200);
    expect((await backend.get('/readyz')).status).toBe(200);
  });
});
