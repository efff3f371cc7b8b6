import type { Config } from '../config.js';
import type { JobStore } from '../store/ports.js';
import {
  LIVE_STATES,
  type Job,
  type JobChange,
  type JobGuard,
  type JobStatus,
  type TerminalStatus,
} from './job.js';

type Ending = Pick<JobChange, 'result' | 'usage' | 'error' | 'cancelRequestedAt'>;

/**
 * Tells whoever wants to know that a job has ended.
 *
 * @returns false when that could not be done, and is to be tried again
 */
export type Announce = (job: Job) => Promise<boolean>;

/** The steps from one state to the next, each stored together with its event. */
export class JobTransitions {
  constructor(
    private readonly store: JobStore,
    private readonly config: Pick<Config, 'JOB_RETENTION_SECONDS'>,
    private readonly announce: Announce,
  ) {}

  /** Also one that runs already: whoever ran it has been given up for dead. */
  start(id: string): Promise<Job | undefined> {
    return this.#move(id, { from: LIVE_STATES }, 'in_progress', { startedAt: Date.now() });
  }

  /** Back to waiting, for another process. */
  requeue({ id, attempt }: Job): Promise<Job | undefined> {
    return this.#move(id, { from: ['in_progress'], attempt }, 'queued', { startedAt: null });
  }

  /** @returns the ended job; undefined where it may not end so */
  async end(
    id: string,
    guard: JobGuard,
    status: TerminalStatus,
    ending: Ending = {},
  ): Promise<Job | undefined> {
    const completedAt = Date.now();
    const expiresAt = completedAt + this.config.JOB_RETENTION_SECONDS * 1000;
    const job = await this.#move(id, guard, status, { ...ending, completedAt, expiresAt });
    if (job !== undefined) await this.announce(job);
    return job;
  }

  #move(
    id: string,
    guard: JobGuard,
    status: JobStatus,
    change: JobChange,
  ): Promise<Job | undefined> {
    const { error } = change;
    const event = { type: `job.${status}`, status, createdAt: Date.now() } as const;
    return this.store.update(
      id,
      guard,
      { ...change, status },
      error == null ? event : { ...event, error },
    );
  }
}
