import { afterEach, describe, expect, it } from 'vitest';
import { createJobId, type Job } from '../../src/jobs/job.js';
import { MemoryJobStore } from '../../src/store/memory/memory-job-store.js';
import { testEvent, testJob } from '../support/test-job.js';

describe('the memory job store', () => {
  let store: MemoryJobStore;
  afterEach(() => store.close());

  async function keep(
    size: number,
    status: Job['status'],
    tenant = 'acme',
  ): Promise<string | undefined> {
    const job = testJob({ id: createJobId(), status, tenant, input: 'x'.repeat(size) });
    return (await store.insert(job, testEvent('queued'))) ? job.id : undefined;
  }
  const isThere = async (id = '', tenant = 'acme') => (await store.find(tenant, id)) !== undefined;

  it('drops the oldest ended jobs when it is full, whether by number or by size', async () => {
    for (store of [new MemoryJobStore(2), new MemoryJobStore(100, 100_000)]) {
      const live = await keep(40_000, 'queued');
      const ended = await keep(40_000, 'completed');
      const newest = await keep(40_000, 'queued');
      const there = await Promise.all([live, ended, newest].map((id) => isThere(id)));
      expect(there).toEqual([true, false, true]);
    }
  });

  it('drops what ended first, however old it is', async () => {
    store = new MemoryJobStore(2);
    const [older, newer] = [await keep(1, 'queued'), await keep(1, 'queued')];
    for (const id of [newer, older])
      await store.update(id ?? '', { from: ['queued'] }, { status: 'cancelled' });
    await keep(1, 'queued');
    expect([await isThere(older), await isThere(newer)]).toEqual([true, false]);
  });

  it('drops what belongs to the tenant that has most', async () => {
    store = new MemoryJobStore(4);
    const own = await keep(1, 'completed');
    const others = [];
    for (let n = 0; n < 5; n += 1) others.push(await keep(1, 'completed', 'globex'));
    const there = await Promise.all(others.map((id) => isThere(id, 'globex')));
    expect([await isThere(own), ...there]).toEqual([true, false, false, true, true, true]);
  });

  it("leaves room beside one tenant's live jobs, by number and by size", async () => {
    for (store of [new MemoryJobStore(20), new MemoryJobStore(1_000, 1_000_000)]) {
      let live = 0;
      while ((await keep(48_000, 'queued', 'globex')) !== undefined) live += 1;
      expect(live).toBe(18);
      expect(await keep(48_000, 'queued')).toBeDefined();
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
    const ended = await keep(80_000, 'completed');
    expect(await store.remove('acme', ended ?? '')).toBe(true);
    expect(await keep(80_000, 'queued')).toBeDefined();
  });
});
