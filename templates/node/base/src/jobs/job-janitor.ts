import type { JobQueue, JobStore } from '../store/ports.js';
import type { Logger } from '../telemetry/logger.js';
import type { Announce, JobTransitions } from './job-transitions.js';

const INTERVAL_MS = 1_000;

/** How long the process that ended a job has for announcing it, before another one does. */
const ANNOUNCING_MS = 10_000;

export interface JobJanitorDependencies {
  readonly store: JobStore;
  readonly queue: JobQueue;
  readonly transitions: JobTransitions;
  readonly announce: Announce;
  readonly logger: Logger;
}

/** Does what time brings about, and what a process that died has left undone. Any number of processes may do so at once. */
export class JobJanitor {
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(private readonly dependencies: JobJanitorDependencies) {
    this.#schedule();
  }

  /** One round; every second there is one by itself. */
  async clean(): Promise<void> {
    const { store, queue, transitions, announce } = this.dependencies;
    for (const id of await store.overdue(Date.now())) {
      const expired = await transitions.end(id, { from: ['queued'], attempt: 0 }, 'expired');
      if (expired !== undefined) await queue.cancel(id);
    }
    for (const job of await store.unannounced(Date.now() - ANNOUNCING_MS)) {
      // What hinders one will hinder the others.
      if (!(await announce(job))) return;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.clean()
        .catch((error: unknown) => {
          this.dependencies.logger.debug({ err: error }, 'jobs could not be looked after');
        })
        .finally(() => {
          this.#schedule();
        });
    }, INTERVAL_MS).unref();
  }
}
