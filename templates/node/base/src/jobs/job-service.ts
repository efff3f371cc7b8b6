import type { Principal } from '../access/principal.js';
import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import type { CacheDirectives } from '../inference/inference.js';
import type { JobQuery, JobStore, JobQueue } from '../store/ports.js';
import { within, type Span, type TraceHeaders } from '../telemetry/tracing.js';
import { Changes } from './changes.js';
import { createJobId, isTerminal, type Job, type JobEvent, type JobWebhook } from './job.js';
import { startSubmitSpan } from './job-spans.js';
import type { JobTransitions } from './job-transitions.js';

export interface NewJob extends Principal {
  readonly type: string;
  readonly input: unknown;
  readonly stream: boolean;
  readonly cache: CacheDirectives;
  readonly priority?: number | undefined;
  readonly deadlineSeconds?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly webhook?: JobWebhook | undefined;
}

export interface JobServiceDependencies {
  readonly config: Pick<Config, 'JOB_RETENTION_SECONDS'>;
  readonly store: JobStore;
  readonly queue: JobQueue;
  readonly transitions: JobTransitions;
}

/** What callers do with jobs. */
export class JobService {
  readonly #store: JobStore;

  constructor(private readonly dependencies: JobServiceDependencies) {
    this.#store = dependencies.store;
  }

  /**
   * @param parent the request that submits it, where that is traced
   * @throws {ApiError} 503 when no more jobs can be kept
   */
  async submit(request: NewJob, parent: Span | null = null): Promise<Job> {
    const id = createJobId();
    return within(startSubmitSpan(parent, id), async (span) => {
      const job = this.#create(id, request, span?.headers ?? null);
      const event = { type: 'job.queued', status: 'queued', createdAt: job.createdAt } as const;
      if (!(await this.#store.insert(job, event))) throw tooManyJobs();
      await this.dependencies.queue.enqueue(job);
      return job;
    });
  }

  /** @throws {ApiError} 404 */
  async get(tenant: string, id: string): Promise<Job> {
    const job = await this.#store.find(tenant, id);
    if (job === undefined) throw jobNotFound(id);
    return job;
  }

  list(tenant: string, query: JobQuery): AsyncIterable<Job> {
    return this.#store.list(tenant, query);
  }

  /**
   * The job as soon as it has ended, or as it is when the signal aborts.
   *
   * @throws {ApiError} 404
   */
  async wait(tenant: string, id: string, signal: AbortSignal): Promise<Job> {
    const changes = this.#watch(id, signal);
    try {
      for (;;) {
        const job = await this.get(tenant, id);
        if (isTerminal(job.status) || signal.aborted) return job;
        await changes.next();
      }
    } finally {
      changes.stop();
    }
  }

  /**
   * Every event after the given one, in order: those that are stored, then others as they come, until the job has ended.
   *
   * @throws {ApiError} 404
   */
  async *events(
    tenant: string,
    id: string,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<JobEvent, void> {
    const changes = this.#watch(id, signal);
    let last = afterSequence;
    try {
      while (!signal.aborted) {
        // The state is read before the events: what ended the job is then surely among them.
        const { status } = await this.get(tenant, id);
        for (const event of await this.#store.events(id, last)) {
          last = event.sequence;
          yield event;
        }
        if (isTerminal(status)) return;
        await changes.next();
      }
    } finally {
      changes.stop();
    }
  }

  /**
   * Whether the job has ended and nothing is left to tell of it.
   *
   * @throws {ApiError} 404
   */
  async hasToldAll(tenant: string, id: string, afterSequence: number): Promise<boolean> {
    const { status } = await this.get(tenant, id);
    return isTerminal(status) && (await this.#store.events(id, afterSequence)).length === 0;
  }

  /**
   * A waiting job is cancelled at once; a running one is asked to stop, and one that has ended stays as it is.
   *
   * @returns the job as it was when its cancellation was accepted
   * @throws {ApiError} 404
   */
  async cancel(tenant: string, id: string): Promise<Job> {
    const { cancelRequestedAt } = await this.get(tenant, id);
    const request = { cancelRequestedAt: cancelRequestedAt ?? Date.now() };
    const { queue, transitions } = this.dependencies;
    const cancelWaiting = () => transitions.end(id, { from: ['queued'] }, 'cancelled', request);
    const cancelled =
      (await cancelWaiting()) ??
      (await this.#store.update(id, { from: ['in_progress'] }, request)) ??
      // It may have been given back to the queue in between.
      (await cancelWaiting());
    await queue.cancel(id);
    return cancelled ?? this.get(tenant, id);
  }

  /** @throws {ApiError} 404, or 409 while the job is live */
  async remove(tenant: string, id: string): Promise<void> {
    if (await this.#store.remove(tenant, id)) return;
    await this.get(tenant, id);
    throw new ApiError({
      status: 409,
      code: 'job_not_finished',
      message: `Job ${id} has not ended yet. Cancel it first.`,
    });
  }

  #create(
    id: string,
    { deadlineSeconds, priority, metadata, webhook, ...request }: NewJob,
    trace: TraceHeaders | null,
  ): Job {
    const createdAt = Date.now();
    return {
      ...request,
      id,
      status: 'queued',
      priority: priority ?? 0,
      metadata: metadata ?? {},
      webhook: webhook ?? null,
      trace,
      createdAt,
      startedAt: null,
      completedAt: null,
      cancelRequestedAt: null,
      deadlineAt: deadlineSeconds === undefined ? null : createdAt + deadlineSeconds * 1000,
      expiresAt: createdAt + this.dependencies.config.JOB_RETENTION_SECONDS * 1000,
      attempt: 0,
      progress: null,
      result: null,
      error: null,
      usage: null,
    };
  }

  #watch(id: string, signal: AbortSignal): Changes {
    return new Changes((onChange) => this.#store.watch(id, onChange), signal);
  }
}

function jobNotFound(id: string): ApiError {
  return new ApiError({ status: 404, code: 'job_not_found', message: `There is no job ${id}.` });
}

function tooManyJobs(): ApiError {
  return new ApiError({
    status: 503,
    code: 'queue_full',
    message: 'No more jobs can be taken at the moment.',
    headers: { 'retry-after': '10' },
  });
}
