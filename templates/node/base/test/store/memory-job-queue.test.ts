import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemoryJobQueue } from '../../src/store/memory/memory-job-queue.js';
import { JobCancelled, JobInterrupted } from '../../src/store/ports.js';

/** A handler whose jobs run until their signal aborts. */
function untilAborted(reasons: unknown[]) {
  return (_id: string, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason);
        resolve();
      });
    });
}

describe('the queue in memory', () => {
  it('hands out jobs of higher priority first, among equals the older', async () => {
    const queue = new MemoryJobQueue();
    await queue.enqueue({ id: 'a', priority: 0 });
    await queue.enqueue({ id: 'b', priority: 5 });
    await queue.enqueue({ id: 'c', priority: 0 });
    await queue.enqueue({ id: 'd', priority: 5 });
    const handled: string[] = [];
    queue.process(1, (id) => Promise.resolve(void handled.push(id)));
    await expect.poll(() => handled).toEqual(['b', 'd', 'a', 'c']);
  });

  it('runs no more at once than it is told to', async () => {
    const queue = new MemoryJobQueue();
    let running = 0;
    let most = 0;
    let done = 0;
    queue.process(2, async () => {
      most = Math.max(most, (running += 1));
      await sleep(5);
      running -= 1;
      done += 1;
    });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await queue.enqueue({ id, priority: 0 });
    await expect.poll(() => done).toBe(5);
    expect(most).toBe(2);
  });

  it('aborts a running job that is cancelled, and drops a waiting one', async () => {
    const queue = new MemoryJobQueue();
    const reasons: unknown[] = [];
    queue.process(1, untilAborted(reasons));
    await queue.enqueue({ id: 'running', priority: 0 });
    await queue.enqueue({ id: 'waiting', priority: 0 });
    await queue.cancel('waiting');
    await queue.cancel('running');
    await queue.drain(new AbortController().signal);
    expect(reasons).toEqual([expect.any(JobCancelled)]);
  });

  it('interrupts what still runs when there is no more time', async () => {
    const queue = new MemoryJobQueue();
    const reasons: unknown[] = [];
    queue.process(1, untilAborted(reasons));
    await queue.enqueue({ id: 'a', priority: 0 });
    await queue.drain(AbortSignal.timeout(10));
    expect(reasons).toEqual([expect.any(JobInterrupted)]);
  });
});
