import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey, apiKeys, KeyHolder } from './clients/api-keys.js';
import type { Answer, Client } from './clients/client.js';
import { ended, respondAsync, submit, submitChat } from './clients/jobs.js';
import { growth, named, total } from './clients/metrics.js';
import { limitOf, limitState } from './clients/rate-limits.js';
import { cacheableChat, chat, embed, summarize } from './clients/requests.js';
import { apiErrorOf, openai, sdk } from './clients/sdk.js';
import { chunksOf, expectStreamToFail } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { eventually } from './expectations/timing.js';
import { useConfiguredBackend, type Backend } from './subject/use-backend.js';
import { chunk, completion, textChunks, usage } from './upstream/answers.js';
import { gate } from './upstream/gate.js';
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
const path = '/v1/chat/completions';
const plausible = () => upstream.scene(answersPlausibly());

/** Keys that no test shares with another, since a limit is a key's own and lasts for a minute. */
const pool = Array.from({ length: 100 }, () => new ApiKey('acme'));
const fresh = (backend: Client): KeyHolder => {
  const key = pool.pop();
  if (key === undefined) throw new Error('There are too few keys for so many tests.');
  return new KeyHolder(backend, key);
};
const API_KEYS = apiKeys(pool);

/** A limit was reached: problem, Retry-After, and which limit it was. */
function expectLimited(answer: Answer, limited: 'requests' | 'tokens'): void {
  const { detail } = expectProblem(answer, {
    status: 429,
    code: 'rate_limit_exceeded',
    type: 'rate_limit_error',
  });
  expect(detail, 'it says which limit').toMatch(limited === 'tokens' ? /token/iu : /request/iu);
  const { remaining, reset } = limitOf(answer, limited);
  expect(remaining).toBe(0);
  expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/u);
  const wait = Number(answer.header('retry-after'));
  expect(wait).toBeLessThanOrEqual(60);
  expect(wait, 'who waits so long is served').toBeGreaterThanOrEqual(reset - 0.01);
  expect(wait, 'and nobody waits in vain').toBeLessThanOrEqual(reset + 1);
}

describe('requests per minute', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { API_KEYS, RATE_LIMIT_REQUESTS_PER_MINUTE: '5' },
  });
  const ask = (client: Client, scene = plausible()) => client.post(path, chat(scene));
  const exhaust = async (client: Client) => {
    for (let n = 0; n < 5; n += 1) expect((await ask(client)).status).toBe(200);
  };
  const remaining = (answer: Answer) => limitOf(answer, 'requests').remaining;

  // A limit lasts for a minute: the first test exhausts this one, and the last one waits for its end.
  let early: Promise<KeyHolder> | undefined;
  const exhaustedEarly = () => {
    early ??= (async () => {
      const client = fresh(backend);
      await exhaust(client);
      return client;
    })();
    return early;
  };

  test('as many as the limit are served, and then no more', async () => {
    expectLimited(await ask(await exhaustedEarly()), 'requests');
  });

  test('each answer says how many there are, how many are left, and until when', async () => {
    const client = fresh(backend);
    const states = [];
    for (let n = 0; n < 5; n += 1) states.push(limitOf(await ask(client), 'requests'));
    expect(states.map(({ limit }) => limit)).toEqual([5, 5, 5, 5, 5]);
    expect(states.map((state) => state.remaining)).toEqual([4, 3, 2, 1, 0]);
    for (const { reset } of states) {
      expect(reset).toBeGreaterThan(0);
      expect(reset).toBeLessThanOrEqual(60);
    }
  });

  test('one too many is 429, and asks nothing of the upstream', async () => {
    const client = fresh(backend);
    await exhaust(client);
    const scene = plausible();
    expectLimited(await ask(client, scene), 'requests');
    expectLimited(await client.post(path, chat(scene, { stream: true })), 'requests');
    expectLimited(await client.post('/v1/embeddings', embed(scene)), 'requests');
    expectLimited(await client.post(path, chat(scene), respondAsync), 'requests');
    expect(scene.calls.length).toBe(0);
  });

  test('so is a cached answer: it is a request like any other', async () => {
    const client = fresh(backend);
    const scene = plausible();
    for (let n = 0; n < 5; n += 1) await client.post(path, cacheableChat(scene));
    expectLimited(await client.post(path, cacheableChat(scene)), 'requests');
  });

  test('the official SDK throws a RateLimitError', async () => {
    const client = fresh(backend);
    await exhaust(client);
    const messages = [{ role: 'user' as const, content: 'Hello.' }];
    const sdkClient = openai(backend, { apiKey: client.key.secret });
    const error = await apiErrorOf(
      sdkClient.chat.completions.create({ model: plausible().model, messages }),
    );
    expect(error).toBeInstanceOf(sdk.RateLimitError);
    expect(error.headers?.get('x-should-retry'), 'waiting does help').not.toBe('false');
  });

  test('who is refused is not refused for longer by asking again', async () => {
    const client = fresh(backend);
    await exhaust(client);
    const first = limitOf(await ask(client), 'requests').reset;
    for (let n = 0; n < 10; n += 1) await ask(client);
    expect(limitOf(await ask(client), 'requests').reset).toBeLessThanOrEqual(first);
  });

  test('the limit is a key’s own, not its tenant’s', async () => {
    await exhaust(fresh(backend));
    expect(remaining(await ask(fresh(backend)))).toBe(4);
  });

  test('a burst admits exactly as many as the limit', async () => {
    const client = fresh(backend);
    const scene = plausible();
    const all = await Promise.all(Array.from({ length: 60 }, () => ask(client, scene)));
    const admitted = all.filter(({ status }) => status === 200);
    expect(admitted).toHaveLength(5);
    expect(scene.calls.length).toBe(5);
    expect(admitted.map(remaining).toSorted()).toEqual([0, 1, 2, 3, 4]);
    for (const answer of all.filter(({ status }) => status !== 200)) {
      expectLimited(answer, 'requests');
    }
  });

  test.each<[string, (client: Client) => Promise<Answer>]>([
    ['a chat', (client) => ask(client)],
    ['embeddings', (client) => client.post('/v1/embeddings', embed(plausible()))],
    ['a task', (client) => client.post('/v1/tasks/summarize', summarize(plausible()))],
    ['a chat that becomes a job', (client) => client.post(path, chat(plausible()), respondAsync)],
    [
      'a job',
      (client) => client.post('/v1/jobs', { type: 'embedding', request: embed(plausible()) }),
    ],
    ['a call that the upstream fails', (client) => ask(client, upstream.scene(fails(500)))],
    ['a call that the upstream refuses', (client) => ask(client, upstream.scene(fails(400)))],
  ])('%s costs one, and its answer says so', async (_case, call) => {
    const client = fresh(backend);
    expect(remaining(await call(client))).toBe(4);
    expect(remaining(await call(client))).toBe(3);
  });

  test('a stream costs one, and its answer says so', async () => {
    const client = fresh(backend);
    const scene = upstream.scene(streamsText(['Hi']));
    const stream = await client.stream(path, chat(scene, { stream: true }));
    expect(limitOf(stream, 'requests').remaining).toBe(4);
    await chunksOf(stream);
    expect(remaining(await ask(client))).toBe(3);
  });

  test('what runs no inference costs nothing, and says nothing of limits', async () => {
    const client = fresh(backend);
    const job = await submitChat(client, chat(upstream.scene(neverAnswers)));
    const { self, events, cancel } = job.urls;
    const free = [
      await client.get('/v1/models'),
      await client.get('/v1/models/default'),
      await client.get('/v1/tasks'),
      await client.get('/v1/jobs'),
      await client.get(self),
      await client.get(self, { prefer: 'wait=1' }),
      await client.send('POST', cancel),
      await client.get('/livez'),
      await client.get('/metrics'),
    ];
    await ended(client, job);
    await (await client.events(events)).all();
    free.push(await client.send('DELETE', self));
    for (const answer of free) expect(limitState(answer, 'requests')).toBeUndefined();
    expect(remaining(await ask(client))).toBe(3);
  });

  test('what is refused before it is looked at costs nothing', async () => {
    const client = fresh(backend);
    const scene = plausible();
    await client.post(path, '{');
    await client.post(path, { model: scene.model });
    await client.post('/v1/jobs', { type: 'no-such-task', request: {} });
    await client.post('/v1/tasks/no-such-task', {});
    await client.send('POST', path, { headers: { 'content-type': 'text/plain' }, body: 'x' });
    await client.post(path, `"${'x'.repeat(4_194_304)}"`);
    expect(remaining(await ask(client))).toBe(4);
  });

  test('what is refused is counted, by limit and by nothing else', async () => {
    const client = fresh(backend);
    await exhaust(client);
    const limited = named('rate_limited_total', { limit: 'requests' });
    const more = await growth(backend.processes, limited, () => ask(client));
    await eventually('one more', async () => (await more()) === 1);
  });

  test('after Retry-After the key is served again', { timeout: 90_000 }, async () => {
    const client = await exhaustedEarly();
    const refused = await ask(client);
    expectLimited(refused, 'requests');
    await sleep(Number(refused.header('retry-after')) * 1_000);
    expect(remaining(await ask(client))).toBe(4);
  });
});

describe('tokens per minute', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { API_KEYS, RATE_LIMIT_TOKENS_PER_MINUTE: '1000' },
  });
  const { total_tokens: each } = usage;

  /** How many tokens a key has used, as a call that uses none is told. */
  async function used(client: Client): Promise<number> {
    const answer = await client.post(path, chat(upstream.scene(fails(400))));
    const { limit, remaining } = limitOf(answer, 'tokens');
    expect(limit).toBe(1_000);
    return limit - remaining;
  }

  async function expectUsed(client: Client, tokens: number): Promise<void> {
    await eventually(`${String(tokens)} tokens are used`, async () => {
      const soFar = await used(client);
      expect(soFar).toBeLessThanOrEqual(tokens);
      return soFar === tokens;
    });
  }

  const streamed = async (client: Client, extra: Record<string, unknown> = {}) => {
    const scene = upstream.scene(streamsText(['Hello', ' there']));
    await chunksOf(await client.stream(path, chat(scene, { stream: true, ...extra })));
  };

  test.each<[string, number, (client: Client) => Promise<unknown>]>([
    ['a chat', each, (client) => client.post(path, chat(plausible()))],
    ['a streamed chat, as much as an unstreamed one', each, (client) => streamed(client)],
    [
      'a streamed chat that asks for its usage',
      each,
      (client) => streamed(client, { stream_options: { include_usage: true } }),
    ],
    ['embeddings', 5, (client) => client.post('/v1/embeddings', embed(plausible()))],
    ['a task', each, (client) => client.post('/v1/tasks/summarize', summarize(plausible()))],
    ['a call that the upstream fails', 0, (c) => c.post(path, chat(upstream.scene(fails(500))))],
    ['malformed JSON', 0, (client) => client.post(path, '{')],
    ['a list of models', 0, (client) => client.get('/v1/models')],
  ])('%s is charged with what it really used', async (_case, tokens, call) => {
    const client = fresh(backend);
    await call(client);
    await expectUsed(client, tokens);
    await call(client);
    await expectUsed(client, 2 * tokens);
  });

  test.each<[string, (client: Client) => Promise<{ id: string }>]>([
    ['a job', (client) => submitChat(client, chat(plausible()))],
    ['a streamed job', (client) => submitChat(client, chat(plausible(), { stream: true }))],
    ['a task that becomes a job', (c) => submit(c, '/v1/tasks/summarize', summarize(plausible()))],
  ])('%s is charged once, to the key that submitted it', async (_case, call) => {
    const client = fresh(backend);
    const accepted = await call(client);
    await ended(client, accepted);
    await expectUsed(client, each);
  });

  test('ten polls of a job change no usage figure', async () => {
    const client = fresh(backend);
    const accepted = await submitChat(client, chat(plausible()));
    const done = await ended(client, accepted);
    await expectUsed(client, each);
    const tokens = () =>
      total(backend.processes, ({ name }) => /^gen_ai_.*tokens.*_(?:sum|total)$/u.test(name));
    const before = await tokens();
    expect(before).toBeGreaterThan(0);
    for (let n = 0; n < 10; n += 1) expect(await ended(client, accepted)).toEqual(done);
    await sleep(200);
    expect(done.usage).toEqual(usage);
    expect(await used(client)).toBe(each);
    expect(await tokens()).toBe(before);
  });

  test('a cached answer is free, as JSON and as a stream', async () => {
    const client = fresh(backend);
    const scene = plausible();
    await client.post(path, cacheableChat(scene));
    await client.post(path, cacheableChat(scene));
    await chunksOf(await client.stream(path, cacheableChat(scene, { stream: true })));
    expect(scene.calls.length).toBe(1);
    await sleep(300);
    await expectUsed(client, each);
  });

  test('who shares a call in flight pays nothing; who began it pays once', async () => {
    const keys = [fresh(backend), fresh(backend), fresh(backend)];
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const [leader, ...followers] = keys as [KeyHolder, ...KeyHolder[]];
    const first = leader.post(path, cacheableChat(scene));
    await scene.call();
    const rest = followers.map((client) => client.post(path, cacheableChat(scene)));
    await sleep(400);
    release.open();
    await Promise.all([first, ...rest]);
    await sleep(200);
    const charges = await Promise.all(keys.map(used));
    // Where several processes serve, each of them began a call of its own.
    expect(charges.reduce((sum, charge) => sum + charge, 0)).toBe(scene.calls.length * each);
    expect(charges[0]).toBe(each);
  });

  describe('where the usage never came, an estimate is charged', () => {
    // 400 characters asked, 400 characters received: a hundred tokens each, at four characters a token.
    const messages = [{ role: 'user', content: 'ask '.repeat(100) }];
    const words = Array.from({ length: 10 }, () => 'word'.repeat(10));
    const begun = [chunk({ role: 'assistant', content: '' })].concat(
      words.map((content) => chunk({ content })),
    );

    async function expectEstimate(client: Client): Promise<void> {
      await eventually('something is charged', async () => (await used(client)) > 0);
      const charge = await used(client);
      expect(charge, 'what was asked and what was received').toBeGreaterThanOrEqual(150);
      expect(charge).toBeLessThanOrEqual(300);
    }

    test('to who leaves in the middle of a stream', async () => {
      const client = fresh(backend);
      const scene = upstream.scene(streams(begun, { ending: 'never', usage: false }));
      const stream = await client.stream(path, chat(scene, { stream: true, messages }));
      await eventually('all of it has arrived', () => stream.frames.length === begun.length);
      stream.leave();
      await expectEstimate(client);
    });

    test('to whose stream is cut', async () => {
      const client = fresh(backend);
      const scene = upstream.scene(streams(begun, { ending: 'broken', usage: false }));
      await expectStreamToFail(await client.stream(path, chat(scene, { stream: true, messages })));
      await expectEstimate(client);
    });

    test('to whose upstream does not tell the usage of a stream', async () => {
      const client = fresh(backend);
      const scene = upstream.scene(streams(textChunks(words), { usage: false }));
      await chunksOf(await client.stream(path, chat(scene, { stream: true, messages })));
      await expectEstimate(client);
    });

    test('to whose upstream does not tell it at all', async () => {
      const client = fresh(backend);
      const body = { ...completion({ content: words.join('') }), usage: undefined };
      await client.post(path, chat(upstream.scene(answers(body)), { messages }));
      await expectEstimate(client);
    });
  });
});

describe('where few tokens are left', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { API_KEYS, RATE_LIMIT_TOKENS_PER_MINUTE: '30' },
  });
  const ask = (client: Client, scene = plausible()) => client.post(path, chat(scene));

  /** Two calls of eighteen tokens each: the second one is still admitted, and goes beyond the limit. */
  async function exhaust(client: Client): Promise<void> {
    expect((await ask(client)).status).toBe(200);
    await eventually('the first one is charged', async () => {
      const answer = await ask(client, upstream.scene(fails(400)));
      return limitOf(answer, 'tokens').remaining === 12;
    });
    expect((await ask(client)).status).toBe(200);
  }

  test('a call is admitted while there is one left, and then no more', async () => {
    const client = fresh(backend);
    await exhaust(client);
    const scene = plausible();
    await eventually('the second one is charged', async () => {
      return (await ask(client, upstream.scene(fails(400)))).status === 429;
    });
    for (const answer of [
      await ask(client, scene),
      await client.post(path, chat(scene, { stream: true })),
      await client.post('/v1/embeddings', embed(scene)),
      await client.post('/v1/jobs', { type: 'chat.completion', request: chat(scene) }),
    ]) {
      expectLimited(answer, 'tokens');
    }
    expect(scene.calls.length).toBe(0);
    expect((await client.get('/v1/jobs')).status, 'what is free stays free').toBe(200);
    expect((await ask(fresh(backend))).status, 'and another key has its own').toBe(200);
  });

  test('what is refused is counted', async () => {
    const client = fresh(backend);
    await exhaust(client);
    const limited = named('rate_limited_total', { limit: 'tokens' });
    const more = await growth(backend.processes, limited, async () => {
      await eventually('it is refused', async () => (await ask(client)).status === 429);
    });
    await eventually('one more', async () => (await more()) === 1);
  });

  test('no polling is needed for a job’s tokens to count', async () => {
    const client = fresh(backend);
    const scene = plausible();
    for (let n = 0; n < 2; n += 1) {
      const accepted = await submitChat(client, chat(scene));
      await scene.call(n);
      await eventually('the job ends', async () => {
        return (await client.get(accepted.urls.self)).text.includes('"completed"');
      });
      await sleep(200);
    }
    expectLimited(await ask(client), 'tokens');
  });
});

describe('a limit that is switched off', () => {
  const ask = (backend: Backend) => backend.post(path, chat(plausible()));
  const many = Array.from({ length: 30 });

  async function expectNeverLimited(backend: Backend): Promise<void> {
    const all = await Promise.all(many.map(() => ask(backend)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
  }

  describe('requests', () => {
    const backend = useConfiguredBackend(upstream, {
      env: { RATE_LIMIT_REQUESTS_PER_MINUTE: '0', RATE_LIMIT_TOKENS_PER_MINUTE: '100000' },
    });
    test('limits nothing and says nothing', async () => {
      await expectNeverLimited(backend);
      const answer = await ask(backend);
      expect(limitState(answer, 'requests')).toBeUndefined();
      expect(limitOf(answer, 'tokens').limit).toBe(100_000);
    });
  });

  describe('tokens', () => {
    const backend = useConfiguredBackend(upstream, {
      env: { RATE_LIMIT_REQUESTS_PER_MINUTE: '1000', RATE_LIMIT_TOKENS_PER_MINUTE: '0' },
    });
    test('limits nothing and says nothing', async () => {
      await expectNeverLimited(backend);
      const answer = await ask(backend);
      expect(limitState(answer, 'tokens')).toBeUndefined();
      expect(limitOf(answer, 'requests').limit).toBe(1_000);
    });
  });

  describe('both', () => {
    const backend = useConfiguredBackend(upstream, {
      env: { RATE_LIMIT_REQUESTS_PER_MINUTE: '0', RATE_LIMIT_TOKENS_PER_MINUTE: '0' },
    });
    test('limits nothing and says nothing', async () => {
      await expectNeverLimited(backend);
      const { headers } = await ask(backend);
      const names = Object.keys(headers).filter((name) => name.startsWith('x-ratelimit-'));
      expect(names).toEqual([]);
    });
  });
});

describe('by default', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { RATE_LIMIT_REQUESTS_PER_MINUTE: undefined, RATE_LIMIT_TOKENS_PER_MINUTE: undefined },
  });

  test('there are 600 requests and 200,000 tokens in a minute', async () => {
    const answer = await backend.post(path, chat(plausible()));
    expect(limitOf(answer, 'requests')).toMatchObject({ limit: 600, remaining: 599 });
    expect(limitOf(answer, 'tokens').limit).toBe(200_000);
  });
});

describe('where no keys are configured', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { RATE_LIMIT_REQUESTS_PER_MINUTE: '2' },
  });

  test('everybody together has one limit, whatever they send as a key', async () => {
    const headers = (key: string) => ({ authorization: `Bearer ${key}` });
    const statuses = [];
    for (const key of ['a', 'b', 'c']) {
      statuses.push((await backend.post(path, chat(plausible()), headers(key))).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});
