import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { JobJanitor } from '../../src/jobs/job-janitor.js';
import { JobTransitions } from '../../src/jobs/job-transitions.js';
import { MemoryJobQueue } from '../../src/store/memory/memory-job-queue.js';
import { MemoryJobStore } from '../../src/store/memory/memory-job-store.js';
import { testJob } from '../support/test-job.js';

describe('the janitor', () => {
  const store = new MemoryJobStore(10);
  const announce = vi.fn(() => Promise.resolve(true));
  const janitor = new JobJanitor({
    store,
    queue: new MemoryJobQueue(),
    transitions: new JobTransitions(store, { JOB_RETENTION_SECONDS: 60 }, announce),
    announce,
    logger: pino({ level: 'silent' }),
  });
  afterEach(async () => {
    janitor.close();
    await store.close();
  });

  it('announces what was not announced, until one cannot be', async () => {
    vi.spyOn(store, 'unannounced').mockResolvedValue([testJob(), testJob(), testJob()]);
    await janitor.clean();
    expect(announce).toHaveBeenCalledTimes(3);
    announce.mockReset().mockResolvedValueOnce(true).mockResolvedValueOnce(false);
    await janitor.clean();
    expect(announce).toHaveBeenCalledTimes(2);
  });
});
