import { createJobId, type Job, type NewJobEvent } from '../../src/jobs/job.js';

const HOUR_MS = 3_600_000;

export function testJob(job: Partial<Job> = {}): Job {
  const createdAt = job.createdAt ?? Date.now();
  return {
    id: createJobId(),
    tenant: 'acme',
    key: 'open',
    type: 'summarize',
    status: 'queued',
    input: { text: 'Cats sleep.' },
    stream: false,
    cache: { noCache: false, noStore: false },
    priority: 0,
    metadata: {},
    webhook: null,
    trace: null,
    createdAt,
    startedAt: null,
    completedAt: null,
    cancelRequestedAt: null,
    deadlineAt: null,
    expiresAt: createdAt + HOUR_MS,
    attempt: 0,
    progress: null,
    result: null,
    error: null,
    usage: null,
    ...job,
  };
}

export function testEvent(status: Job['status']): NewJobEvent {
  return { type: `job.${status}`, status, createdAt: 1 };
}
