import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, toApiError } from '../errors.js';
import type { InferenceService } from '../inference/inference.js';
import { taskNamed, type Outcome, type Run, type TaskRegistry } from '../inference/task.js';
import { JobCancelled, JobInterrupted, type JobStore } from '../store/ports.js';
import type { Logger } from '../telemetry/logger.js';
import { errorType, type Span, type Tracer } from '../telemetry/tracing.js';
import type { Job, JobChange, JobGuard, NewJobEvent } from './job.js';
import { startRunSpan } from './job-spans.js';
import type { JobTransitions } from './job-transitions.js';

export interface JobRunnerDependencies {
  readonly store: JobStore;
  readonly transitions: JobTransitions;
  readonly tasks: TaskRegistry;
  readonly inference: InferenceService;
  readonly tracer: Tracer | null;
  readonly logger: Logger;
}

/** Waits before the end of a job is stored again, in milliseconds: some seconds of failover are no rarity. */
const STORING_DELAYS_MS = [250, 1_000, 4_000, 16_000];

/** Runs jobs: takes one from `queued` to its end, or back to `queued` when this process has to stop. */
export class JobRunner {
  constructor(private readonly dependencies: JobRunnerDependencies) {}

  /** Does not reject for a job that fails: how a run went is said in the job. */
  async run(id: string, signal: AbortSignal): Promise<void> {
    const job = await this.dependencies.transitions.start(id);
    if (job === undefined) return;
    if (job.cancelRequestedAt !== null) {
      await this.#end(job, 'cancelled');
      return;
    }
    const deadline = startDeadline(job.deadlineAt);
    const interruption = new AbortController();
    const stop = AbortSignal.any([signal, deadline.signal, interruption.signal]);
    const span = startRunSpan(this.dependencies.tracer, job);
    let failure: string | undefined;
    try {
      const outcome = await this.#infer(job, stop, span, interruption);
      await this.#complete(job, outcome, signal);
    } catch (error) {
      const reason: unknown = stop.aborted ? stop.reason : error;
      failure = errorType(reason);
      await this.#stopOrFail(job, reason, span);
    } finally {
      deadline.clear();
      span?.end(failure);
    }
  }

  /** @param interruption aborted when this run was given up for dead, and the job begun anew */
  async #infer(
    job: Job,
    signal: AbortSignal,
    span: Span | null,
    interruption: AbortController,
  ): Promise<Outcome> {
    const { tasks, inference } = this.dependencies;
    const { tenant, key, input, stream, cache } = job;
    const { run } = await inference.infer({
      task: taskNamed(tasks, job.type),
      origin: 'job',
      input,
      tenant,
      key,
      stream,
      cache,
      signal,
      bindings: { job_id: job.id, ...span?.ids },
      span,
      // Others may share the run: that this job is given up is no failure of theirs, nor is what cannot be stored of it.
      onProgress: (fraction, message) =>
        this.#note(job, { progress: { fraction, message } }).then(
          (isNoted) => {
            if (!isNoted) interruption.abort(new JobInterrupted());
          },
          () => undefined,
        ),
    });
    return this.#follow(job, run);
  }

  /** Stores deltas as events, where the caller asked for them. */
  async #follow(job: Job, run: Run): Promise<Outcome> {
    if (!job.stream) return run.outcome();
    const deltas = run.deltas();
    try {
      for (;;) {
        const step = await deltas.next();
        if (step.done === true) return step.value;
        for (const { text } of step.value) {
          if (!(await this.#note(job, { delta: text }))) throw new JobInterrupted();
        }
      }
    } finally {
      await deltas.return();
    }
  }

  /** @returns false where this run was given up for dead: nobody wants what would come of it */
  #note(job: Job, note: Pick<NewJobEvent, 'progress' | 'delta'>): Promise<boolean> {
    const type = note.progress === undefined ? 'job.delta' : 'job.progress';
    const change = note.progress === undefined ? {} : { progress: note.progress };
    const event = { ...note, type, status: 'in_progress', createdAt: Date.now() } as const;
    return this.dependencies.store.note(job.id, running(job), change, event);
  }

  /** What was paid for is not thrown away because the store refuses it for a moment. */
  async #complete(job: Job, { body, usage }: Outcome, signal: AbortSignal): Promise<void> {
    const store = () => this.#end(job, 'completed', { result: body, usage });
    for (const delay of STORING_DELAYS_MS) {
      const isStored = await store().then(
        () => true,
        () => false,
      );
      if (isStored) return;
      await sleep(delay, undefined, { signal });
    }
    await store();
  }

  async #stopOrFail(job: Job, error: unknown, span: Span | null): Promise<void> {
    if (error instanceof JobCancelled) {
      await this.#end(job, 'cancelled');
    } else if (error instanceof JobInterrupted) {
      const waits = await this.dependencies.transitions.requeue(job);
      // Its cancellation was accepted: then it must not be run again.
      if (waits === undefined) await this.#end(job, 'cancelled');
    } else {
      const failure = toApiError(error);
      if (failure !== error) {
        const line = { err: error, job_id: job.id, ...span?.ids };
        this.dependencies.logger.error(line, 'job failed');
      }
      await this.#end(job, 'failed', { error: failure.body });
    }
  }

  /** A cancellation that was accepted when the run had all but ended leaves only one end to it. */
  async #end(
    job: Job,
    status: 'completed' | 'failed' | 'cancelled',
    ending: Pick<JobChange, 'result' | 'usage' | 'error'> = {},
  ): Promise<void> {
    const { transitions } = this.dependencies;
    const ended = await transitions.end(job.id, running(job), status, ending);
    if (ended === undefined) await transitions.end(job.id, running(job), 'cancelled');
  }
}

function running({ attempt }: Job): JobGuard {
  return { from: ['in_progress'], attempt };
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
