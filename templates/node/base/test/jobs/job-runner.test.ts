import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createBackend, type Backend } from '../../src/backend.js';
import { parseConfig } from '../../src/config.js';
import { defineTask, type TaskContext } from '../../src/inference/task.js';
import type { Job } from '../../src/jobs/job.js';
import { createMemoryStore } from '../../src/store/memory/memory-store.js';
import type { Store } from '../../src/store/ports.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testEvent, testJob } from '../support/test-job.js';

let store: Store;
let backend: Backend;
afterEach(() => backend.close());

/** Takes on jobs of one task, which may be shared. */
async function workOn(run: (context: TaskContext) => Promise<string>): Promise<void> {
  const config = parseConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent' });
  const task = defineTask({
    name: 'work',
    version: 1,
    description: 'Does what the test says.',
    input: z.object({}),
    output: z.string(),
    deterministic: true,
    run: (_input, context) => run(context),
  });
  store = createMemoryStore(config, createLogger(config));
  backend = await createBackend(config, { store, tasks: new Map([[task.name, task]]) });
}

async function submit(): Promise<Job> {
  const job = testJob({ type: 'work', input: {} });
  await store.jobs.insert(job, testEvent('queued'));
  await store.queue.enqueue(job);
  return job;
}

async function statusOf({ tenant, id }: Job): Promise<string> {
  return (await backend.jobs.get(tenant, id)).status;
}

describe('a run', () => {
  it('goes on for the others who share it when one of their jobs is cancelled', async () => {
    const held = new AbortController();
    const run = vi.fn(async ({ progress }: TaskContext) => {
      await once(held.signal, 'abort');
      await progress(0.5);
      return 'done';
    });
    await workOn(run);
    const [first, second] = [await submit(), await submit()];
    await expect.poll(() => statusOf(second)).toBe('in_progress');
    await backend.jobs.cancel(first.tenant, first.id);
    await expect.poll(() => statusOf(first)).toBe('cancelled');
    held.abort();
    await expect.poll(() => statusOf(second)).toBe('completed');
    expect(run).toHaveBeenCalledOnce();
  });

  it('is not thrown away when the store refuses its end for a moment', async () => {
    const run = vi.fn(() => Promise.resolve('done'));
    await workOn(run);
    const start = store.jobs.update.bind(store.jobs);
    const update = vi.spyOn(store.jobs, 'update');
    update.mockImplementationOnce(start).mockRejectedValueOnce(new Error('refused'));
    const job = await submit();
    await expect.poll(() => statusOf(job), { timeout: 5_000 }).toBe('completed');
    expect(update).toHaveBeenCalledTimes(3);
    expect(run).toHaveBeenCalledOnce();
  });
});
