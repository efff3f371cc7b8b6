import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './errors.js';

/** How long work may take to notice that it was aborted. */
const LAST_WORDS_MS = 500;

/** What can be told to stop. */
interface Abortable {
  abort(reason: unknown): void;
}

/** Knows what work is in flight, and brings the process to an orderly end. */
export class Lifecycle {
  readonly #attached = new Set<Abortable>();
  #inFlight = 0;
  #isDraining = false;
  #onIdle: () => void = () => undefined;

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /**
   * Takes on a piece of work.
   *
   * @returns to be called once, when it is done
   * @throws {ApiError} 503 while draining
   */
  enter(): () => void {
    if (this.#isDraining) throw shuttingDown();
    this.#inFlight += 1;
    return () => {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#onIdle();
    };
  }

  /**
   * Has it abort when draining is over: work that was too slow, and readers who only wait. (A signal that lives as long
   * as the process must not be joined by `AbortSignal.any`, which would keep every request's.)
   *
   * @returns lets it go
   */
  attach(work: Abortable): () => void {
    this.#attached.add(work);
    return () => this.#attached.delete(work);
  }

  /**
   * Refuses new work from now on, and waits for what is in flight.
   *
   * @param timeoutMs after which what is left is aborted
   * @param drainJobs waits for running jobs, and gives them back when its signal aborts
   */
  async drain(
    timeoutMs: number,
    drainJobs: (deadline: AbortSignal) => Promise<void>,
  ): Promise<void> {
    this.#isDraining = true;
    const deadline = AbortSignal.timeout(timeoutMs);
    // A task that does not listen to its signal must not keep the process alive.
    const tooLate = sleep(timeoutMs + LAST_WORDS_MS, undefined, { ref: false });
    await Promise.all([this.#idle(deadline), Promise.race([drainJobs(deadline), tooLate])]);
    for (const work of this.#attached) work.abort(shuttingDown());
  }

  #idle(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#inFlight === 0) resolve();
      deadline.addEventListener('abort', () => {
        resolve();
      });
    });
  }
}

function shuttingDown(): ApiError {
  return new ApiError({
    status: 503,
    code: 'shutting_down',
    message: 'The server is shutting down. Try again: another instance will answer.',
    headers: { 'retry-after': '1' },
  });
}
