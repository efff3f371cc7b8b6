import type { Outcome } from '../inference/task.js';
import type { Job, JobChange, JobEvent, JobStatus, NewJobEvent } from '../jobs/job.js';

/** Keeps finished answers for a while. */
export interface ResultCache {
  get(key: string): Promise<Outcome | undefined>;
  set(key: string, outcome: Outcome, ttlSeconds: number): Promise<void>;
}

export interface JobQuery {
  readonly status?: JobStatus | undefined;
  /** Only jobs older than the one of this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Keeps jobs and their events. What it has told anybody of is stored. */
export interface JobStore {
  /** @returns false when no more jobs can be kept */
  insert(job: Job, event: NewJobEvent): Promise<boolean>;
  /** A job of another tenant, or one whose record has expired, is not there. */
  find(tenant: string, id: string): Promise<Job | undefined>;
  /** Newest first. */
  list(tenant: string, query: JobQuery): Promise<readonly Job[]>;
  /**
   * Changes the job as `changeJob` says, and appends the event, in one step.
   *
   * @returns the changed job; undefined when it may not change so, or is not there
   */
  update(
    id: string,
    from: readonly JobStatus[],
    change: JobChange,
    event?: NewJobEvent,
  ): Promise<Job | undefined>;
  events(id: string, afterSequence: number): Promise<readonly JobEvent[]>;
  /** Calls back after every change, until it is told to stop. */
  watch(id: string, onChange: () => void): () => void;
  /** @returns false when the job is live or not there */
  remove(tenant: string, id: string): Promise<boolean>;
  countByStatus(): Promise<Readonly<Record<JobStatus, number>>>;
  close(): Promise<void>;
}

/** Runs one job. The signal asks it to stop: with `JobCancelled` for good, with `JobInterrupted` to be run again. */
export type JobHandler = (id: string, signal: AbortSignal) => Promise<void>;

export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
}

export class JobInterrupted extends Error {
  override readonly name = 'JobInterrupted';
}

/** Hands jobs out to workers: those of higher priority first, among equals the older. */
export interface JobQueue {
  enqueue(job: Pick<Job, 'id' | 'priority'>): Promise<void>;
  /** Starts to hand out. */
  process(concurrency: number, handler: JobHandler): void;
  /** Takes a waiting job out, or aborts a running one. */
  cancel(id: string): Promise<void>;
  /** Hands out nothing more, waits for what runs until the signal aborts, then interrupts it. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** Everything that outlives a request. */
export interface Store {
  readonly cache: ResultCache;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  close(): Promise<void>;
}
