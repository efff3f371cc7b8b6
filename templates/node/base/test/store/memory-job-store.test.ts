import { afterEach, describe, expect, it } from 'vitest';
import { createJobId, type Job } from '../../src/jobs/job.js';
import { MemoryJobStore } from '../../src/store/memory/memory-job-store.js';
import { testEvent, testJob } from '../support/test-job.js';

describe('the memory job store', () => {
  let store: MemoryJobStore;
  afterEach(() => store.close());

  async function keep(size: number, status: Job['status']): Promise<string | undefined> {
    const job = testJob({ id: createJobId(), status, input: 'x'.repeat(size) });
    return (await store.insert(job, testEvent('queued'))) ? job.id : undefined;
  }
  const isThere = async (id = '') => (await store.find('acme', id)) !== undefined;

  it('drops the oldest ended jobs when it is full, whether by number or by size', async () => {
    for (store of [new MemoryJobStore(2), new MemoryJobStore(100, 100_000)]) {
      const live = await keep(40_000, 'queued');
      const ended = await keep(40_000, 'completed');
      const newest = await keep(40_000, 'queued');
      expect(await Promise.all([live, ended, newest].map(isThere))).toEqual([true, false, true]);
    }
  });

  it('refuses another job when it is full of live ones', async () => {
    store = new MemoryJobStore(100, 100_000);
    await keep(60_000, 'queued');
    expect(await keep(60_000, 'queued')).toBeUndefined();
    expect(await keep(20_000, 'queued')).toBeDefined();
  });

  it('has room again for what was removed', async () => {
    store = new MemoryJobStore(100, 100_000);
    const ended = await keep(90_000, 'completed');
    expect(await store.remove('acme', ended ?? '')).toBe(true);
    expect(await keep(90_000, 'queued')).toBeDefined();
  });
});
