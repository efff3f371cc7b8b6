import { randomBytes } from 'node:crypto';
import type { Principal } from '../access/principal.js';
import type { ErrorBody } from '../errors.js';
import type { CacheDirectives } from '../inference/inference.js';
import type { Progress, Usage } from '../inference/task.js';
import type { TraceHeaders } from '../telemetry/tracing.js';

export const LIVE_STATES = ['queued', 'in_progress'] as const;
export const TERMINAL_STATES = ['completed', 'failed', 'cancelled', 'expired'] as const;
export const JOB_STATES = [...LIVE_STATES, ...TERMINAL_STATES] as const;

export type JobStatus = (typeof JOB_STATES)[number];
export type TerminalStatus = (typeof TERMINAL_STATES)[number];

/** Where the end of a job is to be told, and which ends. */
export interface JobWebhook {
  readonly url: string;
  readonly events: readonly TerminalStatus[];
}

/** An inference that runs apart from the request that asked for it. Times are unix milliseconds. */
export interface Job extends Principal {
  readonly id: string;
  /** Name of the task. */
  readonly type: string;
  readonly status: JobStatus;
  readonly input: unknown;
  readonly stream: boolean;
  readonly cache: CacheDirectives;
  readonly priority: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly webhook: JobWebhook | null;
  /** Of which trace it is a part; null where nobody traces. */
  readonly trace: TraceHeaders | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly cancelRequestedAt: number | null;
  /** When the caller has no use for the answer any more. */
  readonly deadlineAt: number | null;
  /** When the record goes away. */
  readonly expiresAt: number;
  /** How often it was begun. */
  readonly attempt: number;
  readonly progress: Progress | null;
  /** The exact JSON text that the synchronous route would have answered. */
  readonly result: string | null;
  readonly error: ErrorBody | null;
  readonly usage: Usage | null;
}

/** The parts of a job that change while it lives. */
export type JobChange = Partial<
  Pick<
    Job,
    | 'status'
    | 'startedAt'
    | 'completedAt'
    | 'cancelRequestedAt'
    | 'expiresAt'
    | 'progress'
    | 'result'
    | 'error'
    | 'usage'
  >
>;

export type JobEventType = `job.${JobStatus | 'progress' | 'delta'}`;

/** Something that happened to a job, before it has a place in the job's sequence. */
export interface NewJobEvent {
  readonly type: JobEventType;
  readonly status: JobStatus;
  readonly createdAt: number;
  readonly progress?: Progress;
  /** JSON text. */
  readonly delta?: string;
  readonly error?: ErrorBody;
}

export interface JobEvent extends NewJobEvent {
  /** Counts from 1 in each job. */
  readonly sequence: number;
}

export function isTerminal(status: JobStatus): status is TerminalStatus {
  return (TERMINAL_STATES as readonly JobStatus[]).includes(status);
}

/** Whether its record is there no more, for anybody who asks. */
export function hasExpired({ status, expiresAt }: Job): boolean {
  return isTerminal(status) && expiresAt <= Date.now();
}

/** What a job has to be like for a change to be made. */
export interface JobGuard {
  readonly from: readonly JobStatus[];
  /** The run that makes the change: one that was given up for dead, and begun anew elsewhere, changes nothing any more. */
  readonly attempt?: number;
}

/**
 * The changed job, or undefined where it may not change so: when it is not as the guard says, or when its cancellation
 * was accepted and it would end in any other way. Every store does this in the same step as it stores the job: that is
 * what keeps an ended job ended, and a cancelled one from ever being completed.
 */
export function changeJob(
  job: Job,
  { from, attempt = job.attempt }: JobGuard,
  change: JobChange,
): Job | undefined {
  const { status = job.status } = change;
  const isCancellable = status === job.status || status === 'cancelled';
  if (!from.includes(job.status) || attempt !== job.attempt) return undefined;
  if (job.cancelRequestedAt !== null && !isCancellable) return undefined;
  if (change.status === 'in_progress' && isOverdue(job, change.startedAt ?? undefined))
    return undefined;
  return {
    ...job,
    ...change,
    attempt: change.status === 'in_progress' ? job.attempt + 1 : job.attempt,
    // Nobody reads it any more, and it may be large.
    input: isTerminal(status) ? null : job.input,
  };
}

/** Whether it never began, and has no need to any more. */
export function isOverdue({ status, attempt, deadlineAt }: Job, now = Date.now()): boolean {
  return status === 'queued' && attempt === 0 && deadlineAt !== null && deadlineAt <= now;
}

let lastId = { time: 0, counter: 0 };

/**
 * `job_` and 32 hex digits: 12 of the time in milliseconds, 4 of a counter, 16 random. Ids sort as they were made, so
 * that they serve as cursors too.
 */
export function createJobId(now = Date.now()): string {
  lastId =
    now > lastId.time ? { time: now, counter: 0 } : { ...lastId, counter: lastId.counter + 1 };
  const time = lastId.time.toString(16).padStart(12, '0');
  const counter = (lastId.counter & 0xffff).toString(16).padStart(4, '0');
  return `job_${time}${counter}${randomBytes(8).toString('hex')}`;
}
