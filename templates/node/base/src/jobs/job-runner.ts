import type { Config } from '../config.js';
import { ApiError, toApiError, type ErrorBody } from '../errors.js';
import type { InferenceService } from '../inference/inference.js';
import { endRun, taskNamed, type Outcome, type Run, type TaskRegistry } from '../inference/task.js';
import { JobCancelled, JobInterrupted, type JobStore } from '../store/ports.js';
import type { Logger } from '../telemetry/logger.js';
import type { Job, JobChange, JobStatus, NewJobEvent } from './job.js';

export interface JobRunnerDependencies {
  readonly config: Pick<Config, 'JOB_RETENTION_SECONDS'>;
  readonly store: JobStore;
  readonly tasks: TaskRegistry;
  readonly inference: InferenceService;
  readonly logger: Logger;
}

/** Runs jobs: takes one from `queued` to its end, or back to `queued` when this process has to stop. */
export class JobRunner {
  constructor(private readonly dependencies: JobRunnerDependencies) {}

  /** Does not reject for a job that fails: how a run went is said in the job. */
  async run(id: string, signal: AbortSignal): Promise<void> {
    const job = await this.#move(id, 'queued', 'in_progress', { startedAt: Date.now() });
    if (job === undefined) return;
    const deadline = startDeadline(job.deadlineAt);
    const stop = AbortSignal.any([signal, deadline.signal]);
    try {
      const { body, usage } = await this.#infer(job, stop);
      await this.#end(id, 'completed', { result: body, usage });
    } catch (error) {
      await this.#stopOrFail(id, stop.aborted ? stop.reason : error);
    } finally {
      deadline.clear();
    }
  }

  async #infer(job: Job, signal: AbortSignal): Promise<Outcome> {
    const { tasks, inference } = this.dependencies;
    const { tenant, key, input, stream, cache } = job;
    const { run } = await inference.infer({
      task: taskNamed(tasks, job.type),
      input,
      tenant,
      key,
      stream,
      cache,
      signal,
      onProgress: (fraction, message) => this.#note(job.id, { progress: { fraction, message } }),
    });
    return this.#follow(job, run);
  }

  /** Stores deltas as events, where the caller asked for them. */
  async #follow({ id, stream }: Job, run: Run): Promise<Outcome> {
    try {
      for (;;) {
        const step = await run.next();
        if (step.done === true) return step.value;
        if (stream) await this.#note(id, { delta: step.value.text });
      }
    } finally {
      await endRun(run);
    }
  }

  async #note(id: string, note: Pick<NewJobEvent, 'progress' | 'delta'>): Promise<void> {
    const type = note.progress === undefined ? 'job.delta' : 'job.progress';
    const change = note.progress === undefined ? {} : { progress: note.progress };
    const event = { ...note, type, status: 'in_progress', createdAt: Date.now() } as const;
    await this.dependencies.store.update(id, ['in_progress'], change, event);
  }

  async #stopOrFail(id: string, error: unknown): Promise<void> {
    if (error instanceof JobCancelled) {
      await this.#end(id, 'cancelled', {});
    } else if (error instanceof JobInterrupted) {
      const waits = await this.#move(id, 'in_progress', 'queued', { startedAt: null });
      // Its cancellation was accepted: then it must not be run again.
      if (waits === undefined) await this.#end(id, 'cancelled', {});
    } else {
      const failure = toApiError(error);
      if (failure !== error)
        this.dependencies.logger.error({ err: error, job_id: id }, 'job failed');
      await this.#end(id, 'failed', { error: failure.body });
    }
  }

  /** A cancellation that was accepted when the run had all but ended leaves only one end to it. */
  async #end(
    id: string,
    status: 'completed' | 'failed' | 'cancelled',
    change: { result?: string; usage?: Job['usage']; error?: ErrorBody },
  ): Promise<void> {
    const now = Date.now();
    const expiresAt = now + this.dependencies.config.JOB_RETENTION_SECONDS * 1000;
    const times = { completedAt: now, expiresAt };
    const ended = await this.#move(id, 'in_progress', status, { ...change, ...times });
    if (ended === undefined) await this.#move(id, 'in_progress', 'cancelled', times);
  }

  #move(id: string, from: JobStatus, to: JobStatus, change: JobChange): Promise<Job | undefined> {
    const { error } = change;
    const event = { type: `job.${to}`, status: to, createdAt: Date.now() } as const;
    return this.dependencies.store.update(
      id,
      [from],
      { ...change, status: to },
      error == null ? event : { ...event, error },
    );
  }
}

/** Aborts when the caller has no use for the answer any more, so that it is not paid for. */
function startDeadline(deadlineAt: number | null): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  if (deadlineAt === null) return { signal: controller.signal, clear: () => undefined };
  const timer = setTimeout(() => {
    controller.abort(deadlineExceeded());
  }, deadlineAt - Date.now());
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
    },
  };
}

function deadlineExceeded(): ApiError {
  return new ApiError({
    status: 504,
    code: 'deadline_exceeded',
    message: "The job's deadline passed before it was finished.",
  });
}
