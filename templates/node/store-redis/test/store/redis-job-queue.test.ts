import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.js';
import { JobCancelled, JobInterrupted, type Store } from '../../src/store/ports.js';
import { RedisJobQueue } from '../../src/store/redis/redis-job-queue.js';
import type { RedisStoreOptions } from '../../src/store/redis/redis-store.js';
import { testEvent, testJob } from '../support/test-job.js';
import { createTestStore } from '../support/test-store.js';
import { until } from '../support/until.js';
import { describeWithRedis, useRedis } from '../support/use-redis.js';

// No multiple of what BullMQ's intervals are made of.
const LOCK_MS = 601;

describeWithRedis('the Redis job queue', () => {
  const place = useRedis();
  const stores: Store[] = [];
  let prefix = '';

  /** A store as another process would have it; all of a test share what they keep. */
  async function open(options: Partial<RedisStoreOptions> = {}): Promise<Store> {
    prefix ||= `${place.prefix}:${randomUUID()}`;
    const store = await createTestStore(
      { url: place.url, prefix },
      { lockMs: LOCK_MS, ...options },
    );
    stores.push(store);
    return store;
  }

  afterEach(async () => {
    await Promise.all(stores.map(({ queue }) => queue.drain(AbortSignal.abort())));
    await Promise.all(stores.splice(0).map((store) => store.close()));
    prefix = '';
  });

  async function submit({ jobs, queue }: Store, job: Partial<Job> = {}): Promise<string> {
    const made = testJob(job);
    await jobs.insert(made, testEvent('queued'));
    await queue.enqueue(made);
    return made.id;
  }

  it('hands out by priority, then by age', async () => {
    const store = await open();
    const priorities = [0, 10, 0, 100, 10];
    const ids: string[] = [];
    for (const priority of priorities) ids.push(await submit(store, { priority }));
    const order: string[] = [];
    store.queue.process(1, (id) => {
      order.push(id);
      return Promise.resolve();
    });
    await until(() => order.length === ids.length);
    expect(order).toEqual([3, 1, 4, 0, 2].map((n) => ids[n]));
  });

  it('hands each job to one of several workers', async () => {
    const [api, one, two] = [await open(), await open(), await open()];
    const handed: string[] = [];
    for (const { queue } of [one, two]) {
      queue.process(4, async (id) => {
        handed.push(id);
        await sleep(5);
      });
    }
    const ids = await Promise.all(Array.from({ length: 40 }, () => submit(api)));
    await until(() => handed.length >= ids.length);
    expect(handed.sort()).toEqual(ids.sort());
  });

  it('cancels across processes, what waits and what runs', async () => {
    const [api, worker] = [await open(), await open()];
    const stopped: unknown[] = [];
    const handed: string[] = [];
    worker.queue.process(1, (id, signal) => {
      handed.push(id);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          stopped.push(signal.reason);
          resolve();
        });
      });
    });
    const running = await submit(api);
    await until(() => handed.length === 1);
    const waiting = await submit(api);
    await api.queue.cancel(waiting);
    await api.queue.cancel(running);
    await until(() => stopped.length === 1);
    expect(stopped[0]).toBeInstanceOf(JobCancelled);
    const next = await submit(api);
    await until(() => handed.length === 2);
    expect(handed).toEqual([running, next]);
  });

  it('gives what it runs back when it has to stop, and another worker has it at once', async () => {
    const [one, two] = [await open({ lockMs: 60_000 }), await open({ lockMs: 60_000 })];
    const handed: string[] = [];
    one.queue.process(2, (id, signal) => {
      handed.push(`one ${id}`);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          expect(signal.reason).toBeInstanceOf(JobInterrupted);
          resolve();
        });
      });
    });
    const id = await submit(one);
    await until(() => handed.length === 1);
    two.queue.process(1, (taken) => {
      handed.push(`two ${taken}`);
      return Promise.resolve();
    });
    await one.queue.drain(AbortSignal.timeout(50));
    await until(() => handed.length === 2);
    expect(handed).toEqual([`one ${id}`, `two ${id}`]);
  });

  it('waits for what runs while it drains', async () => {
    const store = await open();
    const ended: unknown[] = [];
    store.queue.process(1, async (_id, signal) => {
      await sleep(100);
      ended.push(signal.reason);
    });
    await submit(store);
    await sleep(50);
    await store.queue.drain(AbortSignal.timeout(5_000));
    expect(ended).toEqual([undefined]);
  });

  it("gives a dead worker's jobs to another, and none for ever", async () => {
    const api = await open();
    const id = await submit(api);
    const reasons: unknown[] = [];
    // As if the process had been killed: nothing is said any more, and nothing given back.
    for (let crash = 0; crash < 6; crash += 1) {
      const dying = await createTestStore({ url: place.url, prefix }, { lockMs: LOCK_MS });
      let isTaken = false;
      dying.queue.process(1, () => {
        isTaken = true;
        return new Promise(() => undefined);
      });
      await until(() => isTaken);
      await dying.close();
    }
    const last = await open();
    last.queue.process(1, (taken, signal) => {
      reasons.push([taken, (signal.reason as { body?: { code: string } } | undefined)?.body?.code]);
      return Promise.resolve();
    });
    await until(() => reasons.length > 0);
    expect(reasons).toEqual([[id, 'worker_crashed']]);
  });

  it('puts a job off that could not be begun', async () => {
    const store = await open();
    const id = await submit(store);
    const handed: string[] = [];
    store.queue.process(1, (taken) => {
      handed.push(taken);
      return handed.length === 1 ? Promise.reject(new Error('out of reach')) : Promise.resolve();
    });
    await until(() => handed.length === 2);
    expect(handed).toEqual([id, id]);
  });

  it('brings accepted jobs to the queue that never got there', async () => {
    const store = await open();
    const lost = testJob({ priority: 7 });
    await store.jobs.insert(lost, testEvent('queued'));
    const begun = testJob();
    await store.jobs.insert(begun, testEvent('queued'));
    await store.jobs.update(begun.id, { from: ['queued'] }, { status: 'in_progress' });
    const fine = await submit(store);
    await store.jobs.insert(testJob({ createdAt: Date.now() + 60_000 }), testEvent('queued'));
    const handed: string[] = [];
    const { queue } = store;
    if (queue instanceof RedisJobQueue) await queue.restoreLost(Date.now() + 30_000);
    queue.process(1, (id) => {
      handed.push(id);
      return Promise.resolve();
    });
    await until(() => handed.length === 3);
    await sleep(50);
    expect(handed).toEqual([lost.id, fine, begun.id]);
  });
});
