import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiKey, apiKeys } from './clients/api-keys.js';
import type { Answer, Client } from './clients/client.js';
import type { EventStream } from './clients/event-stream.js';
import { cancel, ended, getJob, reaches, submitChat } from './clients/jobs.js';
import { growth } from './clients/metrics.js';
import { limitOf } from './clients/rate-limits.js';
import { cacheableChat, chat, embed } from './clients/requests.js';
import { chunksOf, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { expectRefusal, prepareDeployment } from './expectations/refusal.js';
import { eventually, expectAbortWithinASecond, within } from './expectations/timing.js';
import { jobEvent, jobList } from './schemas/jobs.js';
import type { BackendProcess } from './subject/backend-process.js';
import { Deployment, oneProcess } from './subject/deployment.js';
import type { Environment } from './subject/environment.js';
import { RedisServer } from './subject/redis-server.js';
import { settings } from './subject/settings.js';
import { needsOwnProcess, useConfiguredBackend, type Backend } from './subject/use-backend.js';
import { usage } from './upstream/answers.js';
import { gate } from './upstream/gate.js';
import {
  answersPlausibly,
  fails,
  neverAnswers,
  streamsText,
  waitsFor,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';
const plausible = () => upstream.scene(answersPlausibly());
const hit = 'inference; hit';
const ended0 = { code: 0, signal: null };

/** One of several API processes, without the load balancer in between. */
function apiOf({ deployment }: Backend, index: number): BackendProcess {
  const api = deployment.apis[index];
  if (api === undefined) throw new Error(`There is no API process number ${String(index)}.`);
  return api;
}

// Where the store is memory, there is nothing to be seen of all this.
const describeRedis = describe.skipIf(settings.store !== 'redis');

describeRedis('over Redis: two API processes and two workers', () => {
  const key = new ApiKey('acme');
  const backend = useConfiguredBackend(upstream, {
    apis: 2,
    workers: 2,
    env: { JOB_CONCURRENCY: '4' },
  });
  const one = () => apiOf(backend, 0);
  const other = () => apiOf(backend, 1);

  test('a job that one takes on can be read of the other, and is run by neither', async () => {
    const scene = plausible();
    const calls = ({ name }: { name: string }) => /^gen_ai_client_.*duration.*_count$/u.test(name);
    const { apis, workers } = backend.deployment;
    const byApis = await growth(apis, calls, () => Promise.resolve());
    const byWorkers = await growth(workers, calls, async () => {
      const accepted = await submitChat(one(), chat(scene));
      const done = await ended(other(), accepted);
      expect(done).toMatchObject({ status: 'completed', attempt: 1, usage });
      expect(await getJob(one(), accepted)).toEqual(done);
      const { data } = (await other().get('/v1/jobs')).as(jobList);
      expect(data[0]).toEqual(done);
    });
    expect(scene.calls.length).toBe(1);
    await eventually('a worker has run it', async () => (await byWorkers()) === 1);
    expect(await byApis()).toBe(0);
  });

  test('its events are told by both, while they happen', async () => {
    const release = gate();
    const words = ['a', 'b', 'c'];
    const scene = upstream.scene(streamsText(words, { gates: { 3: release.opened } }));
    const accepted = await submitChat(one(), chat(scene, { stream: true }));
    const streams = await Promise.all(
      [one(), other()].map((api) => api.events(accepted.urls.events)),
    );
    for (const stream of streams) {
      const types = [];
      for (let n = 0; n < 4; n += 1) types.push((await stream.next()).event);
      expect(types).toEqual(['job.queued', 'job.in_progress', 'job.delta', 'job.delta']);
    }
    release.open();
    const [first, second] = await Promise.all(streams.map((stream) => stream.all()));
    expect(first?.map(({ data }) => data)).toEqual(second?.map(({ data }) => data));
    expect(first?.at(-1)?.event).toBe('job.completed');
  });

  test('who waits at the one is answered when it ends', async () => {
    const release = gate();
    const accepted = await submitChat(one(), chat(upstream.scene(waitsFor(release))));
    const waiting = other().get(accepted.urls.self, { prefer: 'wait=30' });
    await reaches(one(), accepted, 'in_progress');
    release.open();
    const answer = await within(5_000, waiting);
    if (answer === 'late') throw new Error('The answer was to come as soon as the job ended.');
    expect(answer.text).toContain('"completed"');
  });

  test('a cancel at the one ends the upstream call within a second, whichever worker makes it', async () => {
    for (let n = 0; n < 6; n += 1) {
      const scene = upstream.scene(neverAnswers);
      const accepted = await submitChat(one(), chat(scene));
      const call = await scene.call();
      const asked = performance.now();
      await cancel(other(), accepted);
      await expectAbortWithinASecond(call, asked);
      expect(await ended(one(), accepted)).toMatchObject({ status: 'cancelled', result: null });
    }
  });

  test('a job that is deleted at the one is gone at the other', async () => {
    const accepted = await submitChat(one(), chat(plausible()));
    await ended(one(), accepted);
    expect((await other().send('DELETE', accepted.urls.self)).status).toBe(204);
    expectProblem(await one().get(accepted.urls.self), { status: 404, code: 'job_not_found' });
  });

  test('JOB_CONCURRENCY is a worker’s own: two workers run twice as many', async () => {
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const jobs = [];
    for (let n = 0; n < 10; n += 1) jobs.push(await submitChat(one(), chat(scene)));
    await scene.call(7);
    await sleep(500);
    expect(scene.calls.length).toBe(8);
    release.open();
    for (const each of jobs) expect((await ended(one(), each)).status).toBe('completed');
    expect(scene.calls.length).toBe(10);
  });

  test('an answer that one has cached is the other’s, too', async () => {
    const scene = plausible();
    const first = await one().post(path, cacheableChat(scene));
    const second = await other().post(path, cacheableChat(scene));
    expect(second.headers['cache-status']).toBe(hit);
    expect(second.text).toBe(first.text);
    const stream = await other().stream(path, cacheableChat(scene, { stream: true }));
    expect(textOf(await chunksOf(stream))).toBe('Hello from upstream.');
    const embeddings = plausible();
    await other().post('/v1/embeddings', embed(embeddings));
    const again = await one().post('/v1/embeddings', embed(embeddings));
    expect(again.headers['cache-status']).toBe(hit);
    expect([scene.calls.length, embeddings.calls.length]).toEqual([1, 1]);
  });

  test('an Idempotency-Key that one has seen is known to the other', async () => {
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const headers = { 'idempotency-key': key.hash };
    const first = one().post(path, chat(scene), headers);
    await scene.call();
    const meanwhile = await other().post(path, chat(scene), headers);
    expectProblem(meanwhile, { status: 409, code: 'idempotency_key_in_use' });
    release.open();
    const { text } = await first;
    const replayed = await other().post(path, chat(scene), headers);
    expect([replayed.headers['idempotent-replayed'], replayed.text]).toEqual(['true', text]);
    const another = await other().post(path, chat(scene, { user: 'x' }), headers);
    expectProblem(another, { status: 422, code: 'idempotency_key_reused' });
    expect(scene.calls.length).toBe(1);
  });
});

describeRedis('over Redis: limits are shared', () => {
  const keys = [new ApiKey('acme'), new ApiKey('acme')] as const;
  const backend = useConfiguredBackend(upstream, {
    apis: 2,
    env: {
      API_KEYS: apiKeys(keys),
      RATE_LIMIT_REQUESTS_PER_MINUTE: '20',
      RATE_LIMIT_TOKENS_PER_MINUTE: '1000',
    },
  });

  test('a burst over two API processes admits exactly as many as the limit', async () => {
    const scene = plausible();
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        apiOf(backend, n % 2).post(path, chat(scene), keys[0].headers),
      ),
    );
    expect(all.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(all.filter(({ status }) => status === 429)).toHaveLength(80);
    expect(scene.calls.length).toBe(20);
  });

  test('tokens that were used at the one, and by a worker, are charged at the other', async () => {
    const [one, other] = [apiOf(backend, 0), apiOf(backend, 1)];
    await one.post(path, chat(plausible()), keys[1].headers);
    const request = { type: 'chat.completion', request: chat(plausible()) };
    expect((await one.post('/v1/jobs', request, keys[1].headers)).status).toBe(202);
    await eventually('both are charged', async () => {
      const answer = await other.post(path, chat(upstream.scene(fails(400))), keys[1].headers);
      const { limit, remaining } = limitOf(answer, 'tokens');
      return limit - remaining === 2 * usage.total_tokens;
    });
  });
});

describeRedis('a worker', () => {
  const backend = useConfiguredBackend(upstream, oneProcess);
  const worker = () => backend.deployment.jobRunner;

  test.each(['/livez', '/readyz'])('answers GET %s', async (probe) => {
    const answer = await worker().get(probe);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({ status: 'ok' });
  });

  test('shows metrics of what it does', async () => {
    const tokens = ({ name }: { name: string }) =>
      /^gen_ai_client_.*output_tokens.*_(?:sum|total)$/u.test(name);
    const more = await growth([worker()], tokens, async () => {
      await ended(backend, await submitChat(backend, chat(plausible())));
    });
    await eventually('the tokens of a job', async () => (await more()) === usage.completion_tokens);
  });

  test('serves nothing else, and says so as the API does', async () => {
    for (const [method, page] of [
      ['POST', path],
      ['GET', '/v1/models'],
      ['GET', '/v1/jobs'],
      ['GET', '/docs'],
      ['GET', '/'],
    ] as const) {
      const answer = await worker().send(method, page);
      expectProblem(answer, { status: 404, code: 'not_found' });
    }
  });

  test('is not ready any more, but alive, while it finishes its jobs', async () => {
    const deployment = await ownDeployment({ SHUTDOWN_TIMEOUT_MS: '10000' });
    const { api, jobRunner } = deployment;
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const running = await submitChat(api, chat(scene));
    await scene.call();
    jobRunner.signal('SIGTERM');
    await eventually('readyz is red', async () => (await jobRunner.get('/readyz')).status === 503);
    expect((await jobRunner.get('/readyz')).text).toMatch(/drain/iu);
    expect((await jobRunner.get('/livez')).status).toBe(200);
    const later = await submitChat(api, chat(plausible()));
    await sleep(500);
    expect((await getJob(api, later)).status, 'it takes on nothing new').toBe('queued');
    release.open();
    expect(await jobRunner.exit(8_000), jobRunner.output).toEqual(ended0);
    expect((await getJob(api, running)).status).toBe('completed');
    await deployment.startWorker();
    expect((await ended(api, later)).status).toBe('completed');
  });

  test('gives back what it could not finish, and another one finishes it', async () => {
    const deployment = await ownDeployment({ SHUTDOWN_TIMEOUT_MS: '1000' });
    const { api, jobRunner } = deployment;
    const scene = upstream.scene(neverAnswers, answersPlausibly());
    const accepted = await submitChat(api, chat(scene));
    await scene.call();
    jobRunner.signal('SIGTERM');
    expect(await jobRunner.exit(10_000), jobRunner.output).toEqual(ended0);
    const back = await getJob(api, accepted);
    expect(back).toMatchObject({ status: 'queued', completed_at: null, result: null });
    await deployment.startWorker();
    expect(await ended(api, accepted)).toMatchObject({ status: 'completed', attempt: 2, usage });
    expect(scene.calls.length).toBe(2);
    expect(await eventTypes(api, accepted.urls.events)).toEqual([
      ...['job.queued', 'job.in_progress', 'job.queued', 'job.in_progress', 'job.completed'],
    ]);
  });

  test('that is killed: another one finishes its job, once', { timeout: 150_000 }, async () => {
    const deployment = await ownDeployment();
    const { api, jobRunner } = deployment;
    const scene = upstream.scene(neverAnswers, answersPlausibly());
    const accepted = await submitChat(api, chat(scene));
    await scene.call();
    await jobRunner.kill();
    await deployment.startWorker();
    await eventually(
      'it ends',
      async () => (await getJob(api, accepted)).status === 'completed',
      120_000,
    );
    await sleep(1_000);
    expect(await getJob(api, accepted)).toMatchObject({ attempt: 2, usage });
    expect(scene.calls.length).toBe(2);
    const types = await eventTypes(api, accepted.urls.events);
    expect(types.filter((type) => type === 'job.completed')).toHaveLength(1);
  });

  test('is not needed to take jobs on; they wait for one', async () => {
    const deployment = await ownDeployment({}, { workers: 0 });
    const accepted = await submitChat(deployment.api, chat(plausible()));
    await sleep(500);
    expect((await getJob(deployment.api, accepted)).status).toBe('queued');
    await deployment.startWorker();
    expect((await ended(deployment.api, accepted)).status).toBe('completed');
  });
});

/** A deployment of the test's own: one process of each kind. */
async function ownDeployment(
  env: Environment = {},
  processes: { workers?: number } = {},
): Promise<Deployment> {
  const deployment = await Deployment.start(upstream.baseUrl, {
    ...oneProcess,
    ...processes,
    env,
    appendOnly: true,
  });
  onTestFinished(() => deployment.stop());
  return deployment;
}

async function eventTypes(api: Client, path: string): Promise<string[]> {
  const frames = await (await api.events(path)).all();
  return frames.map(({ data }) => jobEvent.parse(JSON.parse(data)).type);
}

describeRedis('the start', () => {
  needsOwnProcess();

  /** A Redis server of the test's own. */
  async function redis(policy: 'noeviction' | 'allkeys-lru'): Promise<RedisServer> {
    const server = await RedisServer.start({ policy });
    onTestFinished(() => server.remove());
    return server;
  }

  test('is refused where the queue’s Redis evicts: jobs would be lost', async () => {
    const { url } = await redis('allkeys-lru');
    const env = { QUEUE_REDIS_URL: url };
    expect(await expectRefusal(upstream, { env }, ['QUEUE_REDIS_URL'])).toMatch(/noeviction/u);
    const worker = await (await prepareDeployment(upstream, { env })).spawnWorker();
    expect(await worker.exit(20_000), worker.output).toEqual({ code: 1, signal: null });
    expect(worker.output).toMatch(/QUEUE_REDIS_URL.*noeviction/u);
  });

  const none = { QUEUE_REDIS_URL: undefined, CACHE_REDIS_URL: undefined };

  test('in production without Redis is refused, and both variables are named', async () => {
    const env = { ...none, ...settings.production, API_KEYS: apiKeys([new ApiKey('acme')]) };
    await expectRefusal(upstream, { env }, ['QUEUE_REDIS_URL', 'CACHE_REDIS_URL']);
  });

  test.each(['QUEUE_REDIS_URL', 'CACHE_REDIS_URL'])('with %s alone is refused', async (missing) => {
    await expectRefusal(upstream, { env: { [missing]: undefined } }, [missing]);
  });

  test('of a worker without Redis is refused: nothing would ever reach it', async () => {
    const worker = await (await prepareDeployment(upstream, { env: none })).spawnWorker();
    expect(await worker.exit(20_000), worker.output).toEqual({ code: 1, signal: null });
    expect(worker.output).toMatch(/QUEUE_REDIS_URL/u);
  });

  test('of a worker with bad values is refused, and all of them are named', async () => {
    const env = { PORT: 'eighty', JOB_CONCURRENCY: '0', QUEUE_REDIS_URL: 'here' };
    const worker = await (await prepareDeployment(upstream, { env })).spawnWorker();
    expect(await worker.exit(20_000), worker.output).toEqual({ code: 1, signal: null });
    for (const name of Object.keys(env)) expect(worker.output).toContain(name);
  });

  test('in development without Redis is served from memory, and the log says so', async () => {
    const api = await (await prepareDeployment(upstream, { env: none })).startApi();
    const done = await ended(api, await submitChat(api, chat(plausible())));
    expect(done.status).toBe('completed');
    const scene = plausible();
    await api.post(path, cacheableChat(scene));
    expect((await api.post(path, cacheableChat(scene))).headers['cache-status']).toBe(hit);
    expect(api.stdout).toMatch(/QUEUE_REDIS_URL/u);
  });

  test('while Redis is away: alive, not ready, and all is well once it is there', async () => {
    const [queue, cache] = [await redis('noeviction'), await redis('allkeys-lru')];
    await Promise.all([queue.stop(), cache.stop()]);
    const env = { QUEUE_REDIS_URL: queue.url, CACHE_REDIS_URL: cache.url };
    const deployment = await prepareDeployment(upstream, { env });
    const [api, worker] = await Promise.all([deployment.startApi(), deployment.startWorker()]);
    for (const each of [api, worker]) {
      expect((await each.get('/livez')).status).toBe(200);
      expectNotReady(await each.get('/readyz'), ['queue_redis', 'cache_redis']);
    }
    expect((await api.post(path, chat(plausible()))).status).toBe(200);
    await Promise.all([queue.run(), cache.run()]);
    for (const each of [api, worker]) await isReady(each);
    const done = await ended(api, await submitChat(api, chat(plausible())));
    expect(done.status).toBe('completed');
  });
});

function expectNotReady(answer: Answer, names: readonly string[]): void {
  expect(answer.status, answer.text).toBe(503);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json\b/u);
  for (const name of ['queue_redis', 'cache_redis']) {
    if (names.includes(name)) expect(answer.text).toContain(name);
    else expect(answer.text).not.toContain(name);
  }
}

const isReady = (client: Client) =>
  eventually('readyz is green', async () => (await client.get('/readyz')).status === 200, 20_000);

function expectStoreUnavailable(answer: Answer): void {
  expectProblem(answer, { status: 503, code: 'store_unavailable', param: null });
  expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/u);
}

type Change = (server: RedisServer) => Promise<void>;

const outages: [string, Change, Change][] = [
  ['is stopped', (server) => server.stop(), (server) => server.run()],
  ['hangs', (server) => server.pause(), (server) => server.resume()],
];

describeRedis.each(outages)('when Redis %s', (_how, end, mend) => {
  const key = new ApiKey('acme');
  const backend = useConfiguredBackend(upstream, {
    ...oneProcess,
    appendOnly: true,
    env: {
      API_KEYS: apiKeys([key]),
      RATE_LIMIT_REQUESTS_PER_MINUTE: '1000',
      RATE_LIMIT_TOKENS_PER_MINUTE: '100000',
    },
  });
  const headers = key.headers;
  const ask = (request: unknown) => within(10_000, backend.post(path, request, headers));
  const submit = () =>
    within(
      10_000,
      backend.post('/v1/jobs', { type: 'chat.completion', request: chat(plausible()) }, headers),
    );

  function servers(): { queue: RedisServer; cache: RedisServer } {
    const { queue, cache } = backend.deployment.redis ?? {};
    if (queue === undefined || cache === undefined) throw new Error('No Redis of the suite’s own.');
    return { queue, cache };
  }

  /** Ends servers for the length of a test; afterwards all must be green again without a restart. */
  async function without(names: readonly ('queue' | 'cache')[], look: () => Promise<void>) {
    const lost = names.map((name) => servers()[name]);
    await Promise.all(lost.map(end));
    try {
      await look();
    } finally {
      await Promise.all(lost.map(mend));
    }
    for (const each of backend.processes) await isReady(each);
    const answer = await submit();
    if (answer === 'late') throw new Error('The job was to be accepted.');
    expect(answer.status, answer.text).toBe(202);
    const location = answer.header('location');
    await eventually('a job is run again', async () => {
      return (await backend.get(location, headers)).text.includes('"completed"');
    });
    const scene = plausible();
    await backend.post(path, cacheableChat(scene), headers);
    await eventually('the cache is used again', async () => {
      const again = await backend.post(path, cacheableChat(scene), headers);
      return again.headers['cache-status'] === hit;
    });
  }

  function expectServed(answer: Answer | 'late'): asserts answer is Answer {
    if (answer === 'late') throw new Error('The inference was to go on.');
    expect(answer.status, answer.text).toBe(200);
  }

  const skipsWithoutServers = (context: { skip: (condition: boolean, note: string) => void }) => {
    context.skip(settings.redisUrls !== undefined, 'needs Redis servers of the suite’s own');
  };

  test(
    'both: alive, not ready, inference goes on, jobs are refused',
    { timeout: 90_000 },
    async (context) => {
      skipsWithoutServers(context);
      const known = plausible();
      await backend.post(path, cacheableChat(known), headers);
      await without(['queue', 'cache'], async () => {
        for (const each of backend.processes) {
          expect((await each.get('/livez')).status).toBe(200);
          await eventually('readyz is red', async () => (await each.get('/readyz')).status === 503);
          expectNotReady(await each.get('/readyz'), ['queue_redis', 'cache_redis']);
          expect((await each.get('/metrics')).status).toBe(200);
        }
        expectServed(await ask(chat(plausible())));
        expectServed(await ask(cacheableChat(known)));
        expect(known.calls.length, 'what was cached is asked anew').toBe(2);
        const stream = await backend.stream(path, chat(plausible(), { stream: true }), headers);
        expect(textOf(await chunksOf(stream))).toBe('Hello from upstream.');
        for (let n = 0; n < 3; n += 1) {
          const refused = await submit();
          if (refused === 'late') throw new Error('The job was to be refused.');
          expectStoreUnavailable(refused);
        }
        expectStoreUnavailable(await backend.get('/v1/jobs', headers));
        expect((await backend.get('/v1/models', headers)).status).toBe(200);
      });
    },
  );

  test('the cache’s: jobs and limits go on', { timeout: 90_000 }, async (context) => {
    skipsWithoutServers(context);
    await without(['cache'], async () => {
      await eventually('readyz is red', async () => (await backend.get('/readyz')).status === 503);
      expectNotReady(await backend.get('/readyz'), ['cache_redis']);
      const answer = await ask(cacheableChat(plausible()));
      expectServed(answer);
      expect(limitOf(answer, 'requests').limit).toBe(1_000);
      const accepted = await submit();
      if (accepted === 'late') throw new Error('The job was to be accepted.');
      expect(accepted.status, accepted.text).toBe(202);
    });
  });

  test('the queue’s: the cache goes on', { timeout: 90_000 }, async (context) => {
    skipsWithoutServers(context);
    const known = plausible();
    await backend.post(path, cacheableChat(known), headers);
    await without(['queue'], async () => {
      await eventually('readyz is red', async () => (await backend.get('/readyz')).status === 503);
      expectNotReady(await backend.get('/readyz'), ['queue_redis']);
      const answer = await ask(cacheableChat(known));
      expectServed(answer);
      expect(answer.headers['cache-status']).toBe(hit);
      const refused = await submit();
      if (refused === 'late') throw new Error('The job was to be refused.');
      expectStoreUnavailable(refused);
    });
  });

  test(
    'a job that runs meanwhile ends, and its listeners see every event once',
    { timeout: 90_000 },
    async (context) => {
      skipsWithoutServers(context);
      const release = gate();
      const words = ['a', 'b', 'c'];
      const scene = upstream.scene(streamsText(words, { gates: { 2: release.opened } }));
      const request = { type: 'chat.completion', request: chat(scene, { stream: true }) };
      const accepted = await backend.post('/v1/jobs', request, headers);
      const events = `${accepted.header('location')}/events`;
      const first = await backend.events(events, headers);
      for (let n = 0; n < 3; n += 1) await first.next();
      await without(['queue'], async () => {
        await sleep(2_000);
      });
      release.open();
      const seen = await followToEnd(first, (after) =>
        backend.events(events, { ...headers, 'last-event-id': after }),
      );
      const types = seen.map(({ type }) => type);
      expect(types.at(-1)).toBe('job.completed');
      expect(types.filter((type) => type === 'job.completed')).toHaveLength(1);
      expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => index + 1));
    },
  );
});

/**
 * Reads events to the end of the job, coming back as an EventSource does whenever the connection is lost. A frame without
 * an id is none of them, but tells why a stream ends.
 */
async function followToEnd(
  first: EventStream,
  reconnect: (lastEventId: string) => Promise<EventStream>,
) {
  const eventsOf = async (stream: EventStream) =>
    (await stream.all(40_000)).filter(({ id }) => id !== undefined);
  const frames = await eventsOf(first);
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const last = frames.at(-1);
    if (last?.event?.match(/completed|failed|cancelled|expired/u)) break;
    await sleep(500);
    const next = await reconnect(last?.id ?? '0').catch(() => undefined);
    if (next !== undefined) frames.push(...(await eventsOf(next)));
  }
  return frames.map(({ data }) => jobEvent.parse(JSON.parse(data)));
}
