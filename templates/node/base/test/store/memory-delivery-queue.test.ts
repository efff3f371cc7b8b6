import { expect, it, describe, vi } from 'vitest';
import { MemoryDeliveryQueue } from '../../src/store/memory/memory-delivery-queue.js';
import type { Delivery } from '../../src/store/ports.js';

const HOUR_MS = 3_600_000;

const delivery = (id: string, size = 40_000): Delivery => ({
  id,
  jobId: `job_${id}`,
  tenant: 'acme',
  url: 'https://example.com',
  body: 'x'.repeat(size),
});

/** With room for two, of which those fail that are named. */
function queueWithRoomForTwo(failing: readonly string[] = []) {
  const logger = { warn: vi.fn() };
  const queue = new MemoryDeliveryQueue(logger, 100_000);
  const tried: string[] = [];
  const work = () => {
    queue.process(4, ({ id }) => {
      tried.push(id);
      return Promise.resolve(failing.includes(id) ? HOUR_MS : null);
    });
  };
  return { queue, logger, tried, work };
}

describe('the memory delivery queue', () => {
  it('gives up what failed the longest ago when it is full', async () => {
    const { queue, logger, tried, work } = queueWithRoomForTwo(['first', 'second']);
    work();
    for (const id of ['first', 'second', 'third']) await queue.enqueue(delivery(id));
    await expect.poll(() => tried).toEqual(['first', 'second', 'third']);
    expect(logger.warn).toHaveBeenCalledOnce();
    expect(logger.warn).toHaveBeenCalledWith(
      expect.objectContaining({ job_id: 'job_first', attempts: 1 }),
      expect.anything(),
    );
    await queue.drain(AbortSignal.abort());
  });

  it('takes no more while it is full of what was not tried yet, and again when there is room', async () => {
    const { queue, tried, work } = queueWithRoomForTwo();
    await queue.enqueue(delivery('first'));
    await queue.enqueue(delivery('second'));
    await expect(queue.enqueue(delivery('third'))).rejects.toThrow('No more');
    work();
    await expect.poll(() => tried).toHaveLength(2);
    await queue.enqueue(delivery('third'));
    await expect.poll(() => tried).toEqual(['first', 'second', 'third']);
  });

  it('makes an attempt anew that was none', async () => {
    vi.useFakeTimers();
    const { queue } = queueWithRoomForTwo();
    const attempts: number[] = [];
    queue.process(4, (_delivery, attempt) => {
      attempts.push(attempt);
      return Promise.resolve([undefined, undefined, HOUR_MS, null][attempts.length - 1]);
    });
    await queue.enqueue(delivery('first'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(attempts).toEqual([1, 1, 1]);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    vi.useRealTimers();
    expect(attempts).toEqual([1, 1, 1, 2]);
  });

  it('gives up what there will never be room for', async () => {
    const { queue, logger, tried, work } = queueWithRoomForTwo();
    work();
    await queue.enqueue(delivery('huge', 100_000));
    await queue.enqueue(delivery('first'));
    await expect.poll(() => tried).toEqual(['first']);
    expect(logger.warn).toHaveBeenCalledOnce();
  });
});
