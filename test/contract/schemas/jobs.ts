import { z } from 'zod';
import { errorObject } from './problem.js';

export const jobStatus = z.enum([
  'queued',
  'in_progress',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);
export type JobStatus = z.infer<typeof jobStatus>;

export const terminal: readonly JobStatus[] = ['completed', 'failed', 'cancelled', 'expired'];

const seconds = z.int().positive();
const jobId = z.string().regex(/^job_[0-9a-f]{32}$/u);

/** The job, key by key; a key more or less is a difference between two backends. */
export const job = z.strictObject({
  id: jobId,
  object: z.literal('job'),
  type: z.string(),
  status: jobStatus,
  created_at: seconds,
  started_at: seconds.nullable(),
  completed_at: seconds.nullable(),
  cancel_requested_at: seconds.nullable(),
  expires_at: seconds,
  attempt: z.int().nonnegative(),
  progress: z.unknown(),
  result: z.unknown(),
  error: errorObject.nullable(),
  usage: z.record(z.string(), z.unknown()).nullable(),
  metadata: z.record(z.string(), z.string()),
  urls: z.strictObject({ self: z.string(), events: z.string(), cancel: z.string() }),
});
export type Job = z.infer<typeof job>;

export const jobList = z.strictObject({
  object: z.literal('list'),
  data: z.array(job),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
});

export const jobEvent = z.looseObject({
  sequence: z.int().positive(),
  type: z.enum([
    'job.queued',
    'job.in_progress',
    'job.progress',
    'job.delta',
    'job.completed',
    'job.failed',
    'job.cancelled',
    'job.expired',
  ]),
  created_at: seconds,
  job: z.strictObject({ id: jobId, status: jobStatus }),
  progress: z.unknown().optional(),
  delta: z.unknown().optional(),
  error: errorObject.optional(),
});
export type JobEvent = z.infer<typeof jobEvent>;
