import { describe, expect, it } from 'vitest';
import {
  changeJob,
  createJobId,
  JOB_STATES,
  TERMINAL_STATES,
  type Job,
} from '../../src/jobs/job.js';

const job: Job = {
  id: createJobId(),
  tenant: 'default',
  key: 'open',
  type: 'summarize',
  status: 'in_progress',
  input: {},
  stream: false,
  cache: { noCache: false, noStore: false },
  priority: 0,
  metadata: {},
  createdAt: 0,
  startedAt: 0,
  completedAt: null,
  cancelRequestedAt: null,
  deadlineAt: null,
  expiresAt: 0,
  attempt: 1,
  progress: null,
  result: null,
  error: null,
  usage: null,
};

describe('changeJob', () => {
  it.each(TERMINAL_STATES)('lets nothing change a job that is %s', (status) => {
    for (const next of JOB_STATES) {
      const ended = { ...job, status };
      expect(changeJob(ended, ['queued', 'in_progress'], { status: next })).toBeUndefined();
    }
  });

  it('lets a job whose cancellation was accepted end in no other way', () => {
    const cancelling = { ...job, cancelRequestedAt: 1 };
    const change = (status: Job['status']) => changeJob(cancelling, ['in_progress'], { status });
    expect(change('completed')).toBeUndefined();
    expect(change('failed')).toBeUndefined();
    expect(change('queued')).toBeUndefined();
    expect(change('cancelled')).toMatchObject({ status: 'cancelled' });
  });

  it('counts attempts', () => {
    const again = changeJob({ ...job, status: 'queued' }, ['queued'], { status: 'in_progress' });
    expect(again?.attempt).toBe(2);
  });
});

describe('createJobId', () => {
  it('sorts as it was made, within a millisecond and when the clock is set back', () => {
    const ids = [2_000, 2_000, 2_000, 1_000, 3_000].map(createJobId);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every((id) => /^job_[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
