import type { Job } from '../jobs/job.js';
import type { JobBody } from './job-schemas.js';

/** The job as JSON, for whoever asks and for webhooks. */
export function renderJob(job: Job): string {
  const body: JobBody = {
    id: job.id,
    object: 'job',
    type: job.type,
    status: job.status,
    created_at: toSeconds(job.createdAt),
    started_at: toSeconds(job.startedAt),
    completed_at: toSeconds(job.completedAt),
    cancel_requested_at: toSeconds(job.cancelRequestedAt),
    expires_at: toSeconds(job.expiresAt),
    attempt: job.attempt,
    progress: job.progress,
    error: job.error,
    usage: job.usage,
    metadata: job.metadata,
    urls: {
      self: jobUrl(job.id),
      events: `${jobUrl(job.id)}/events`,
      cancel: `${jobUrl(job.id)}/cancel`,
    },
    result: undefined,
  };
  return withRawField(JSON.stringify(body), 'result', job.result ?? 'null');
}

/** Adds a field whose value is JSON text already: parsed and written anew, a result would not stay byte for byte. */
export function withRawField(json: string, name: string, rawValue: string): string {
  return `${json.slice(0, -1)},${JSON.stringify(name)}:${rawValue}}`;
}

export function jobUrl(id: string): string {
  return `/v1/jobs/${id}`;
}

export function toSeconds(milliseconds: number): number;
export function toSeconds(milliseconds: number | null): number | null;
export function toSeconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.floor(milliseconds / 1000);
}
