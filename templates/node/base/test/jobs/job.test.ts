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
  webhook: null,
  trace: null,
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
      expect(
        changeJob(ended, { from: ['queued', 'in_progress'] }, { status: next }),
      ).toBeUndefined();
    }
  });

  it('lets a job whose cancellation was accepted end in no other way', () => {
    const cancelling = { ...job, cancelRequestedAt: 1 };
    const change = (status: Job['status']) =>
      changeJob(cancelling, { from: ['in_progress'] }, { status });
    expect(change('completed')).toBeUndefined();
    expect(change('failed')).toBeUndefined();
    expect(change('queued')).toBeUndefined();
    expect(change('cancelled')).toMatchObject({ status: 'cancelled' });
  });

  it('counts attempts', () => {
    const again = changeJob(
      { ...job, status: 'queued' },
      { from: ['queued'] },
      { status: 'in_progress' },
    );
    expect(again?.attempt).toBe(2);
  });

  it('lets a run that was given up for dead change nothing any more', () => {
    const begunAnew = changeJob(job, { from: ['in_progress'] }, { status: 'in_progress' });
    expect(begunAnew?.attempt).toBe(2);
    const end = (attempt: number) =>
      begunAnew &&
      changeJob(begunAnew, { from: ['in_progress'], attempt }, { status: 'completed' });
    expect(end(1)).toBeUndefined();
    expect(end(2)).toMatchObject({ status: 'completed' });
  });

  it('does not begin a job whose deadline has passed', () => {
    const late: Job = { ...job, status: 'queued', attempt: 0, deadlineAt: 1_000 };
    const start = (startedAt: number) =>
      changeJob(late, { from: ['queued'] }, { status: 'in_progress', startedAt });
    expect(start(999)).toMatchObject({ status: 'in_progress' });
    expect(start(1_000)).toBeUndefined();
  });
});

describe('createJobId', () => {
  it('sorts as it was made, within a millisecond and when the clock is set back', () => {
    const ids = [2_000, 2_000, 2_000, 1_000, 3_000].map(createJobId);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every((id) => /^job_[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
