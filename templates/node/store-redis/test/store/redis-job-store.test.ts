import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeJob, JOB_STATES, type Job, type JobStatus } from '../../src/jobs/job.js';
import type { JobStore, Store } from '../../src/store/ports.js';
import { RedisJobStore } from '../../src/store/redis/redis-job-store.js';
import { testEvent, testJob } from '../support/test-job.js';
import { createTestStore } from '../support/test-store.js';
import { describeWithRedis, useRedis } from '../support/use-redis.js';

const LIVE: readonly JobStatus[] = ['queued', 'in_progress'];
const RUNNING: readonly JobStatus[] = ['in_progress'];

describeWithRedis('the Redis job store', () => {
  const place = useRedis();
  let store: Store;
  let jobs: JobStore;
  beforeAll(async () => {
    store = await createTestStore(place);
    jobs = store.jobs;
  });
  afterAll(() => store.close());

  async function insert(job: Partial<Job> = {}): Promise<Job> {
    const made = testJob(job);
    expect(await jobs.insert(made, testEvent('queued'))).toBe(true);
    return made;
  }

  async function listIds(...query: Parameters<JobStore['list']>): Promise<string[]> {
    const ids = [];
    for await (const { id } of jobs.list(...query)) ids.push(id);
    return ids;
  }

  const start = (id: string) =>
    jobs.update(id, { from: LIVE }, { status: 'in_progress' }, testEvent('in_progress'));
  const end = (id: string, attempt = 1, expiresAt = Date.now() + 60_000) =>
    jobs.update(
      id,
      { from: RUNNING, attempt },
      { status: 'completed', completedAt: 2, expiresAt, result: '{"answer":42}' },
      testEvent('completed'),
    );

  it('gives a job back as it was made, the input to the run that begins it', async () => {
    const job = await insert({ input: { seed: 12345678901234567890n }, metadata: { a: 'ä "x"' } });
    expect(await jobs.find('acme', job.id)).toEqual({ ...job, input: null });
    expect(await start(job.id)).toEqual({ ...job, status: 'in_progress', attempt: 1 });
    expect(await jobs.find('other', job.id)).toBeUndefined();
  });

  const befores: readonly Partial<Job>[] = [
    ...JOB_STATES.map((status) => ({ status, attempt: 1 })),
    { status: 'in_progress', attempt: 1, cancelRequestedAt: 5 },
    { status: 'queued', attempt: 0, deadlineAt: 10 },
    { status: 'queued', attempt: 1, deadlineAt: 10 },
  ];
  const changes = [
    ...JOB_STATES.map((status) => ({ status, startedAt: 10 })),
    { status: 'in_progress', startedAt: 9 },
    { cancelRequestedAt: 7 },
    { progress: { fraction: 0.5, message: null } },
    { status: 'failed', error: { message: 'x', type: 'y', param: null, code: 'z' } },
  ] as const;
  const guards = [
    { from: LIVE },
    { from: RUNNING },
    { from: LIVE, attempt: 0 },
    { from: LIVE, attempt: 1 },
    { from: LIVE, attempt: 2 },
  ];

  it('changes jobs exactly as changeJob says', async () => {
    for (const before of befores) {
      for (const change of changes) {
        for (const guard of guards) {
          const job = await insert(before);
          const expected = changeJob(job, guard, change);
          const actual = await jobs.update(job.id, guard, change);
          const about = JSON.stringify({ before, change, guard });
          expect(actual && { ...actual, input: null }, about).toEqual(
            expected && { ...expected, input: null },
          );
          const stored = await jobs.find('acme', job.id);
          expect(stored, about).toEqual({ ...(expected ?? job), input: null });
        }
      }
    }
  });

  it('lets one of two ends count, whichever comes first', async () => {
    for (let race = 0; race < 50; race += 1) {
      const { id } = await insert();
      await start(id);
      const cancel = jobs.update(id, { from: RUNNING }, { cancelRequestedAt: 1 });
      const [cancelled, completed] = await Promise.all([cancel, end(id)]);
      expect([cancelled, completed].filter(Boolean)).toHaveLength(1);
    }
  });

  it('refuses what a run writes whose job was begun anew', async () => {
    const { id } = await insert();
    await start(id);
    expect((await start(id))?.attempt).toBe(2);
    const note = (attempt: number) =>
      jobs.note(id, { from: RUNNING, attempt }, {}, { ...testEvent('in_progress'), delta: '"x"' });
    expect([await note(1), await end(id, 1)]).toEqual([false, undefined]);
    expect(await note(2)).toBe(true);
    expect((await end(id, 2))?.status).toBe('completed');
    expect(await note(2)).toBe(false);
  });

  it('keeps events in order, each once, and tells those who watch in another process', async () => {
    const { id } = await insert();
    const other = await createTestStore(place);
    const seen: number[] = [];
    const isComplete = new Promise<void>((resolve) => {
      const unwatch = other.jobs.watch(id, () => {
        void other.jobs.events(id, seen.length).then((events) => {
          seen.push(...events.map(({ sequence }) => sequence).filter((n) => n > seen.length));
          if (seen.length < 23) return;
          unwatch();
          resolve();
        });
      });
    });
    await start(id);
    const delta = (n: number) => ({ ...testEvent('in_progress'), delta: String(n) });
    for (let n = 0; n < 20; n += 1)
      await jobs.note(id, { from: RUNNING, attempt: 1 }, {}, delta(n));
    await end(id);
    await isComplete;
    expect(seen).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
    expect((await jobs.events(id, 2)).map((event) => event.delta)).toEqual([
      ...Array.from({ length: 20 }, (_, n) => String(n)),
      undefined,
    ]);
    await other.close();
  });

  it('lists the newest first, of one tenant, of one status, from a given one on', async () => {
    const tenant = 'lists';
    const ids: string[] = [];
    for (let n = 0; n < 25; n += 1) ids.unshift((await insert({ tenant })).id);
    expect(await listIds(tenant, {})).toEqual(ids);
    expect(await listIds(tenant, { before: ids[20] })).toEqual(ids.slice(21));
    await start(ids[3] ?? '');
    expect(await listIds(tenant, { status: 'in_progress' })).toEqual([ids[3]]);
    expect(await listIds(tenant, { status: 'queued' })).toEqual(ids.filter((_, n) => n !== 3));
    expect(await listIds('nobody', {})).toEqual([]);
  });

  it('finds jobs whose deadline passed before they began', async () => {
    const late = await insert({ deadlineAt: 5 });
    const begun = await insert({ deadlineAt: 6 });
    await jobs.update(begun.id, { from: LIVE }, { status: 'in_progress', startedAt: 5 });
    await jobs.update(begun.id, { from: RUNNING }, { status: 'queued' });
    const overdue = await jobs.overdue(10);
    expect(overdue).toContain(late.id);
    expect(overdue).not.toContain(begun.id);
  });

  it('remembers ends that are to be told, until they are', async () => {
    const webhook = { url: 'https://example.com', events: ['completed'] } as const;
    const { id } = await insert({ webhook });
    const quiet = await insert();
    for (const job of [id, quiet.id]) {
      await start(job);
      await end(job);
    }
    const ids = async (before: number) => (await jobs.unannounced(before)).map((job) => job.id);
    expect(await ids(2)).toEqual([]);
    expect(await ids(3)).toEqual([id]);
    await jobs.announced(id);
    expect(await ids(3)).toEqual([]);
  });

  it('keeps what has ended until its time, and then nothing of it', async () => {
    const { id, tenant } = await insert({ tenant: 'gone' });
    await start(id);
    await end(id, 1, Date.now() - 1);
    expect(await jobs.find(tenant, id)).toBeUndefined();
    expect(await listIds(tenant, {})).toEqual([]);
    expect(await jobs.remove(tenant, id)).toBe(false);
    if (jobs instanceof RedisJobStore) await jobs.sweep();
    const keys = await place.redis.keys(`${place.prefix}:*`);
    expect(keys.filter((key) => key.includes(id) || key.includes(tenant))).toEqual([]);
  });

  it('removes what has ended, and nothing that lives', async () => {
    const { id, tenant } = await insert();
    expect(await jobs.remove(tenant, id)).toBe(false);
    await start(id);
    await end(id);
    expect(await jobs.remove('other', id)).toBe(false);
    expect(await jobs.remove(tenant, id)).toBe(true);
    expect(await jobs.find(tenant, id)).toBeUndefined();
  });

  it('drops what ended first when it is full, and never what lives', async () => {
    const small = { ...place, prefix: `${place.prefix}:small` };
    const own = await createTestStore(small, { maxStoredJobs: 3 });
    const few = own.jobs;
    const [first, second, third] = [testJob(), testJob(), testJob()];
    for (const job of [first, second, third]) await few.insert(job, testEvent('queued'));
    expect(await few.insert(testJob(), testEvent('queued'))).toBe(false);
    for (const [job, expiresAt] of [
      [second, 1e15],
      [first, 2e15],
    ] as const) {
      await few.update(job.id, { from: LIVE }, { status: 'cancelled', expiresAt });
    }
    expect(await few.insert(testJob(), testEvent('queued'))).toBe(true);
    expect(await few.find('acme', second.id)).toBeUndefined();
    expect(await few.find('acme', first.id)).toBeDefined();
    await own.close();
  });

  it('drops what belongs to the tenant that has most, and leaves room beside its live jobs', async () => {
    const shared = { ...place, prefix: `${place.prefix}:shared` };
    const own = await createTestStore(shared, { maxStoredJobs: 20 });
    const keep = async (tenant: string, ...states: JobStatus[]) => {
      const job = testJob({ tenant });
      const isKept = await own.jobs.insert(job, testEvent('queued'));
      for (const status of states) await own.jobs.update(job.id, { from: LIVE }, { status });
      return isKept ? job.id : undefined;
    };
    const ended = await keep('acme', 'completed');
    for (let n = 0; n < 25; n += 1) await keep('globex', 'in_progress', 'completed');
    expect(await own.jobs.find('acme', ended ?? '')).toBeDefined();
    let live = 0;
    while ((await keep('globex')) !== undefined) live += 1;
    expect(live).toBe(18);
    expect(await keep('acme')).toBeDefined();
    expect(await own.jobs.find('acme', ended ?? '')).toBeDefined();
    await own.close();
  });

  it('counts what jobs take up, whatever becomes of them', async () => {
    const prefix = `${place.prefix}:sizes`;
    const own = await createTestStore({ ...place, prefix });
    const { redis } = place;
    const sizes = () => redis.hgetall(`${prefix}:sizes`);
    const job = testJob({ input: 'x'.repeat(50_000) });
    const attempt = 1;
    await own.jobs.insert(job, testEvent('queued'));
    await own.jobs.insert(testJob({ tenant: 'globex' }), testEvent('queued'));
    const before = await sizes();
    expect(Number(before.live)).toBeGreaterThan(50_000);
    await own.jobs.update(job.id, { from: LIVE }, { status: 'in_progress' });
    const delta = { ...testEvent('in_progress'), delta: 'y'.repeat(10_000) };
    await own.jobs.note(job.id, { from: RUNNING, attempt }, {}, delta);
    expect(Number((await sizes()).live) - Number(before.live)).toBeGreaterThan(10_000);
    const result = 'z'.repeat(20_000);
    const end = { status: 'completed', expiresAt: Date.now() + 60_000, result } as const;
    await own.jobs.update(job.id, { from: RUNNING, attempt }, end);
    const after = await sizes();
    expect(Number(after.live)).toBeLessThan(10_000);
    // Without the input, which nobody will read again.
    expect(Number(after.ended)).toBeGreaterThan(30_000);
    expect(Number(after.ended)).toBeLessThan(40_000);
    expect(await redis.zrange(`${prefix}:live`, '0', '-1')).toEqual(['globex']);
    await own.jobs.remove('acme', job.id);
    expect(await sizes()).toEqual({ ...after, ended: '0' });
    expect(await redis.exists(`${prefix}:ended`)).toBe(0);
    await own.close();
  });

  it('is full by what jobs take up, too, and leaves room beside large ones that live', async () => {
    const prefix = `${place.prefix}:large`;
    const own = await createTestStore({ ...place, prefix }, { maxJobBytes: 200_000 });
    const keep = async (tenant: string, status?: JobStatus) => {
      const job = testJob({ tenant, input: 'x'.repeat(10_000) });
      const isKept = await own.jobs.insert(job, testEvent('queued'));
      const result = 'y'.repeat(10_000);
      if (status) await own.jobs.update(job.id, { from: LIVE }, { status, result });
      return isKept ? job.id : undefined;
    };
    const ended = await keep('acme', 'completed');
    for (let n = 0; n < 25; n += 1) expect(await keep('globex', 'completed')).toBeDefined();
    expect(await own.jobs.find('acme', ended ?? '')).toBeDefined();
    let live = 0;
    while ((await keep('globex')) !== undefined) live += 1;
    expect(live).toBeGreaterThan(10);
    expect(live).toBeLessThan(18);
    expect(await keep('acme')).toBeDefined();
    await own.close();
  });

  it('looks for lost jobs among some at a time, and so among all', async () => {
    const many = { ...place, prefix: `${place.prefix}:many` };
    const own = await createTestStore(many, { maxStoredJobs: 10_000 });
    const made = Array.from({ length: 2_100 }, () => testJob());
    // Some at a time: each waits no longer for Redis than a caller would.
    for (let at = 0; at < made.length; at += 50) {
      const some = made.slice(at, at + 50);
      await Promise.all(some.map((job) => own.jobs.insert(job, testEvent('queued'))));
    }
    const look = async () => {
      await sleep(5);
      if (!(own.jobs instanceof RedisJobStore)) return [];
      const lost = await own.jobs.findLost('no-such-queue:', Date.now(), 1);
      return lost.map(({ id }) => id);
    };
    const looks = [await look(), await look(), await look(), await look()];
    expect(looks.map(({ length }) => length)).toEqual([1_000, 1_000, 100, 1_000]);
    expect(new Set(looks.flat())).toEqual(new Set(made.map(({ id }) => id)));
    await own.close();
  });

  it('counts jobs by status without drifting', async () => {
    const own = await createTestStore({ ...place, prefix: `${place.prefix}:counts` });
    const made = Array.from({ length: 30 }, () => testJob());
    for (const job of made) await own.jobs.insert(job, testEvent('queued'));
    const steps = made.flatMap(({ id }, n) => [
      ...(n % 2 ? [own.jobs.update(id, { from: LIVE }, { status: 'in_progress' })] : []),
      ...(n % 3 ? [own.jobs.update(id, { from: LIVE }, { status: 'failed' })] : []),
      ...(n % 5 ? [own.jobs.update(id, { from: LIVE }, { status: 'cancelled' })] : []),
    ]);
    await Promise.all(steps);
    const records = await Promise.all(made.map(({ id }) => own.jobs.find('acme', id)));
    const expected = Object.fromEntries(
      JOB_STATES.map((status) => [status, records.filter((job) => job?.status === status).length]),
    );
    expect(await own.jobs.countByStatus()).toEqual(expected);
    await own.close();
  });
});
