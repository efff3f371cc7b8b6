import type { IRateLimiterOptions, RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Config } from '../config.js';
import type { Outcome } from '../inference/task.js';
import type { Logger } from '../telemetry/logger.js';
import type { Job, JobChange, JobEvent, JobGuard, JobStatus, NewJobEvent } from '../jobs/job.js';

/** Keeps finished answers for a while. */
export interface ResultCache {
  get(key: string): Promise<Outcome | undefined>;
  set(key: string, outcome: Outcome, ttlSeconds: number): Promise<void>;
}

export interface JobQuery {
  readonly status?: JobStatus | undefined;
  /** Only jobs older than the one of this id. */
  readonly before?: string | undefined;
}

/**
 * Keeps jobs and their events. What it has told anybody of is stored. Large as it may be, the input need only be there
 * in the job that an update to `in_progress` gives: nobody else reads it.
 */
export interface JobStore {
  /**
   * What is stored is accepted: it is run, also when this process dies before the queue knows of it.
   *
   * @returns false when no more jobs can be kept
   */
  insert(job: Job, event: NewJobEvent): Promise<boolean>;
  /** A job of another tenant, or one whose record has expired, is not there. */
  find(tenant: string, id: string): Promise<Job | undefined>;
  /** Newest first, as many as the reader takes. */
  list(tenant: string, query: JobQuery): AsyncIterable<Job>;
  /**
   * Changes the job as `changeJob` says, and appends the event, in one step. What a run changes of its job (its guard
   * names the attempt) is changed as soon as the store can be reached again; all else fails at once where it cannot.
   *
   * @returns the changed job; undefined when it may not change so, or is not there
   */
  update(
    id: string,
    guard: JobGuard,
    change: JobChange,
    event?: NewJobEvent,
  ): Promise<Job | undefined>;
  /** As `update`, for what happens on the way: tells no more than whether it was stored. */
  note(id: string, guard: JobGuard, change: JobChange, event: NewJobEvent): Promise<boolean>;
  events(id: string, afterSequence: number): Promise<readonly JobEvent[]>;
  /** Calls back after every change, and now and then without one, until it is told to stop. */
  watch(id: string, onChange: () => void): () => void;
  /** @returns false when the job is live or not there */
  remove(tenant: string, id: string): Promise<boolean>;
  /** Ids of jobs that wait although their deadline has passed. */
  overdue(now: number): Promise<readonly string[]>;
  /** Jobs with a webhook that ended before the given time, and of which `announced` has not been told. */
  unannounced(endedBefore: number): Promise<readonly Job[]>;
  /** The end of this job is told elsewhere from now on. */
  announced(id: string): Promise<void>;
  countByStatus(): Promise<Readonly<Record<JobStatus, number>>>;
  close(): Promise<void>;
}

/**
 * Runs one job. The signal asks it to stop: with `JobCancelled` for good, with `JobInterrupted` to be run again, with any
 * other error because it has failed.
 */
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

/** A message that is to reach a webhook. The same id is delivered once, however often it is handed over. */
export interface Delivery {
  readonly id: string;
  readonly jobId: string;
  readonly tenant: string;
  readonly url: string;
  /** JSON text, the same at every attempt. */
  readonly body: string;
}

/**
 * Tries to deliver, once.
 *
 * @param attempt counts from 1
 * @returns milliseconds until the next attempt; null when there is to be none; undefined when this was none, or says nothing
 * of the receiver, and is to be made anew soon
 */
export type DeliveryHandler = (
  delivery: Delivery,
  attempt: number,
  signal: AbortSignal,
) => Promise<number | null | undefined>;

/** Hands deliveries out to workers, apart from jobs: a receiver that is dead holds nothing up. */
export interface DeliveryQueue {
  /** Rejects where it cannot be kept now. */
  enqueue(delivery: Delivery): Promise<void>;
  process(concurrency: number, handler: DeliveryHandler): void;
  /** Hands out nothing more; what is under way is aborted with the signal, and that attempt made anew later. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** An answer that is kept whole, to be given again. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One request's hold on an idempotency key. */
export interface IdempotencyClaim {
  readonly tenant: string;
  readonly key: string;
  /** Tells this request from others with the same key. */
  readonly owner: string;
  /** Tells its payload from others. */
  readonly fingerprint: string;
}

/** What is known of the request that has a key. */
export interface IdempotencyRecord {
  readonly fingerprint: string;
  /** Null while that request is in flight. */
  readonly answer: RecordedAnswer | null;
}

/** Lets one request of a key through at a time, and keeps its answer. What a claim's owner has lost, it changes no more. */
export interface IdempotencyStore {
  /**
   * Takes the key, in one step, where nobody has it.
   *
   * @param leaseMs after which the claim is void unless it was renewed: its process may have died
   * @returns undefined when the key is the caller's now; otherwise who has it
   * @throws {ApiError} 503 when there is no telling
   */
  claim(claim: IdempotencyClaim, leaseMs: number): Promise<IdempotencyRecord | undefined>;
  renew(claim: IdempotencyClaim, leaseMs: number): Promise<void>;
  /** Keeps the answer, for everybody who comes with the key. */
  complete(claim: IdempotencyClaim, answer: RecordedAnswer, ttlSeconds: number): Promise<void>;
  /** Gives the key back without an answer; does nothing after `complete`. */
  release(claim: IdempotencyClaim): Promise<void>;
}

/** Everything that outlives a request. */
export interface Store {
  /** Whether other processes see it too: then workers of their own run the jobs. */
  readonly isShared: boolean;
  readonly cache: ResultCache;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly deliveries: DeliveryQueue;
  readonly idempotency: IdempotencyStore;
  /** Counts what keys use within a window. It goes on counting, for this process alone, while the store is unreachable. */
  createLimiter(options: IRateLimiterOptions): RateLimiterAbstract;
  /** Names of the services behind it that do not answer. */
  unreachable(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @throws {ConfigError} when what it stands on is not fit for it */
export type CreateStore = (config: Config, logger: Logger) => Promise<Store>;
