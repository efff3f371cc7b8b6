import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../src/config.js';
import { ApiError } from '../../src/errors.js';
import type { Outcome } from '../../src/inference/task.js';
import { LIVE_STATES } from '../../src/jobs/job.js';
import type { Store } from '../../src/store/ports.js';
import type { Reach } from '../../src/store/redis/reach.js';
import { RedisIdempotencyStore } from '../../src/store/redis/redis-idempotency-store.js';
import { createStore } from '../../src/store/index.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { RedisServer } from '../support/redis-server.js';
import { testEvent, testJob } from '../support/test-job.js';
import { createTestStore } from '../support/test-store.js';
import { until } from '../support/until.js';
import { describeWithRedis, describeWithRedisServers, useRedis } from '../support/use-redis.js';

const outcome: Outcome = { body: '{"a":"ä\\n"}\n', usage: null, complete: true };
const claim = { tenant: 'acme', key: 'k', owner: 'one', fingerprint: 'f' };
const answer = { status: 200, headers: { a: 'b' }, body: 'ä' };

describe('the store', () => {
  it('is in memory where no Redis is named', async () => {
    const store = await createStore(parseConfig({}), createLogger({ LOG_LEVEL: 'silent' }));
    expect(store.isShared).toBe(false);
    await store.close();
  });

  const problems = (environment: Record<string, string>): readonly string[] => {
    try {
      parseConfig(environment);
      return [];
    } catch (error) {
      return (error as ConfigError).problems.map((problem) => problem.split(':', 1)[0] ?? '');
    }
  };

  it('wants both servers in production, and one never without the other', () => {
    const production = {
      NODE_ENV: 'production',
      PROVIDER: 'mock',
      API_KEYS: `a:${'0'.repeat(64)}`,
    };
    const url = 'redis://127.0.0.1';
    expect(problems(production)).toEqual(['QUEUE_REDIS_URL', 'CACHE_REDIS_URL']);
    expect(problems({ ...production, QUEUE_REDIS_URL: url })).toEqual(['CACHE_REDIS_URL']);
    expect(problems({ CACHE_REDIS_URL: url })).toEqual(['QUEUE_REDIS_URL']);
    expect(problems({ CACHE_REDIS_URL: url, QUEUE_REDIS_URL: 'http://x' })).toEqual([
      'QUEUE_REDIS_URL',
    ]);
    expect(problems({ CACHE_REDIS_URL: url, QUEUE_REDIS_URL: 'rediss://x:1/2' })).toEqual([]);
  });
});

describeWithRedis('what processes share', () => {
  const place = useRedis();
  const stores: Store[] = [];
  async function open(): Promise<Store> {
    const store = await createTestStore(place);
    stores.push(store);
    return store;
  }
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));

  it('is the cache, byte for byte and for a while', async () => {
    const [one, two] = [await open(), await open()];
    await one.cache.set('k', outcome, 60);
    expect(await two.cache.get('k')).toEqual(outcome);
    expect(await two.cache.get('other')).toBeUndefined();
    expect(await place.redis.ttl(`${place.prefix}:cache:k`)).toBeGreaterThan(50);
  });

  it('are limits', async () => {
    const options = { keyPrefix: 'limit:test', points: 5, duration: 60 };
    const limiters = [await open(), await open()].map((store) => store.createLimiter(options));
    const rounds = Array.from({ length: 10 }, () => limiters.map((each) => each.penalty('key', 1)));
    const counts = (await Promise.all(rounds.flat())).map((use) => use.consumedPoints);
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('are idempotency keys: one owner at a time, and one answer', async () => {
    const [{ idempotency: one }, { idempotency: two }] = [await open(), await open()];
    const other = { ...claim, owner: 'two', fingerprint: 'g' };
    const claims = await Promise.all([one.claim(claim, 5_000), two.claim(other, 5_000)]);
    expect(claims).toEqual([undefined, { fingerprint: 'f', answer: null }]);
    await two.release(other);
    await two.complete(other, { ...answer, body: 'wrong' }, 60);
    await one.complete(claim, answer, 60);
    await one.release(claim);
    expect(await two.claim(other, 5_000)).toEqual({ fingerprint: 'f', answer });
  });

  it('gives an idempotency key to the next when its owner has gone', async () => {
    const { idempotency } = await open();
    const mine = { ...claim, key: 'lease' };
    const next = { ...mine, owner: 'two' };
    await idempotency.claim(mine, 1_000);
    await idempotency.renew(mine, 5_000);
    await sleep(1_500);
    expect(await idempotency.claim(next, 200)).toBeDefined();
    await until(async () => (await idempotency.claim(next, 5_000)) === undefined);
    await idempotency.complete(mine, answer, 60);
    expect(await idempotency.claim(mine, 200)).toMatchObject({ answer: null });
  });

  it('are as many answers of a tenant as there is room for, the newest', async () => {
    const reach: Reach = (work) => work;
    const idempotency = new RedisIdempotencyStore(place.redis, reach, `${place.prefix}:few`, 5_000);
    const give = async (tenant: string, key: string, seconds = 60) => {
      const own = { ...claim, tenant, key };
      await idempotency.claim(own, 60_000);
      await idempotency.complete(own, { ...answer, body: 'x'.repeat(1_000) }, seconds);
    };
    const has = async (tenant: string, key: string) =>
      (await idempotency.claim({ ...claim, tenant, key, owner: 'two' }, 1)) !== undefined;
    await give('globex', 'other');
    for (const key of ['1', '2', '3', '4', '5']) await give('acme', key);
    const kept = await Promise.all(['1', '2', '3', '4', '5'].map((key) => has('acme', key)));
    expect(kept).toEqual([false, false, true, true, true]);
    expect(await has('globex', 'other')).toBe(true);

    await give('initech', 'brief', 1);
    await sleep(1_100);
    for (const key of ['1', '2', '3']) await give('initech', key);
    const rest = await Promise.all(['1', '2', '3'].map((key) => has('initech', key)));
    expect(rest).toEqual([true, true, true]);
    expect(await place.redis.llen(`${place.prefix}:few:answers:initech`)).toBe(3);
  });
});

describeWithRedisServers('the Redis store, when a server', () => {
  const stores: Store[] = [];
  const servers: RedisServer[] = [];

  async function start(...args: Parameters<typeof RedisServer.start>): Promise<RedisServer> {
    const server = await RedisServer.start(...args);
    servers.push(server);
    return server;
  }

  async function open(queue: RedisServer, cache = queue): Promise<Store> {
    const place = { url: queue.url, prefix: 'test' };
    const store = await createTestStore(place, { cacheUrl: cache.url, lockMs: 10_000 });
    stores.push(store);
    return store;
  }

  afterEach(async () => {
    await Promise.all(stores.map(({ queue }) => queue.drain(AbortSignal.abort())));
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(servers.splice(0).map((server) => server.remove()));
  });

  const submit = async ({ jobs, queue }: Store) => {
    const job = testJob();
    await jobs.insert(job, testEvent('queued'));
    await queue.enqueue(job);
    return job.id;
  };
  const failure = (attempt: Promise<unknown>) =>
    attempt.then(
      () => undefined,
      (error: unknown) => (error instanceof ApiError ? error.body.code : error),
    );

  it('drops data when it is full, refuses to keep jobs there', async () => {
    const evicting = await start({ policy: 'allkeys-lru' });
    const opening = createTestStore({ url: evicting.url, prefix: 'test' });
    await expect(opening).rejects.toThrow(/QUEUE_REDIS_URL.*noeviction/);
    await expect(opening).rejects.toBeInstanceOf(ConfigError);
  });

  it('is away, fails soon, goes on with limits, and works again by itself', async () => {
    const [queue, cache] = [await start(), await start({ policy: 'allkeys-lru' })];
    const store = await open(queue, cache);
    const limiter = store.createLimiter({ keyPrefix: 'limit:test', points: 5, duration: 60 });
    expect(await store.unreachable()).toEqual([]);
    const kept = await submit(store);

    for (const outage of ['stop', 'hang'] as const) {
      if (outage === 'stop') await queue.stop();
      else queue.pause();
      expect(await failure(submit(store))).toBe('store_unavailable');
      expect(await store.unreachable()).toEqual(['queue_redis']);
      expect((await limiter.penalty('key', 1)).consumedPoints).toBeGreaterThan(0);
      await store.cache.set('k', outcome, 60);
      expect(await store.cache.get('k')).toEqual(outcome);
      if (outage === 'stop') await queue.start();
      else queue.resume();
      await until(async () => (await store.unreachable()).length === 0);
      await submit(store);
    }
    expect((await store.jobs.find('acme', kept))?.status).toBe('queued');

    await cache.stop();
    expect(await failure(store.cache.get('k'))).toBe('store_unavailable');
    expect(await store.unreachable()).toEqual(['cache_redis']);
    await submit(store);
  });

  it('keeps no job that it could not answer for in time', async () => {
    const server = await start();
    const store = await open(server);
    await submit(store);
    server.pause();
    expect(await failure(submit(store))).toBe('store_unavailable');
    server.resume();
    await until(async () => (await store.unreachable()).length === 0);
    await until(async () => (await store.jobs.countByStatus()).queued === 1);
    await submit(store);
    expect((await store.jobs.countByStatus()).queued).toBe(2);
  });

  it('is full, refuses more, and gives what it has', async () => {
    const server = await start();
    const store = await open(server);
    const kept = await submit(store);
    const admin = new Redis(server.url);
    await admin.config('SET', 'maxmemory', '1');
    expect(await failure(submit(store))).toBe('store_unavailable');
    expect((await store.jobs.find('acme', kept))?.id).toBe(kept);
    admin.disconnect();
  });

  it('comes only after the start, is used from then on', async () => {
    const server = await start();
    await server.stop();
    const store = await open(server);
    expect(await store.unreachable()).toEqual(['queue_redis', 'cache_redis']);
    const handed: string[] = [];
    store.queue.process(1, (id) => {
      handed.push(id);
      return Promise.resolve();
    });
    await sleep(500);
    await server.start();
    await until(async () => (await store.unreachable()).length === 0);
    const id = await submit(store);
    await until(() => handed[0] === id);
  });

  it('restarts, loses no job, and no run', async () => {
    const server = await start();
    const [api, worker] = [await open(server), await open(server)];
    const runs: string[] = [];
    worker.queue.process(4, async (id) => {
      // One that cannot be begun since the server is away is put off: that is no run.
      const job = await worker.jobs.update(id, { from: LIVE_STATES }, { status: 'in_progress' });
      if (job === undefined) return;
      runs.push(id);
      await sleep(500);
      const guard = { from: ['in_progress'], attempt: job.attempt } as const;
      const event = testEvent('completed');
      await worker.jobs.update(id, guard, { status: 'completed', completedAt: 1 }, event);
    });
    const ids = await Promise.all(Array.from({ length: 8 }, () => submit(api)));
    let changes = 0;
    const unwatch = api.jobs.watch(ids[0] ?? '', () => (changes += 1));
    await until(() => runs.length >= 4 && changes > 0);
    const before = changes;
    await server.stop();
    await sleep(1_000);
    await server.start();
    const isDone = async () => (await api.jobs.countByStatus().catch(() => undefined))?.completed;
    await until(async () => (await isDone()) === 8);
    expect(runs.sort()).toEqual(ids.sort());
    for (const id of ids) expect(await api.jobs.events(id, 0)).toHaveLength(2);
    expect(changes).toBeGreaterThan(before);
    unwatch();
  });
});
