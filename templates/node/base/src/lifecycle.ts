import { ApiError } from './errors.js';

/** Knows what work is in flight, and brings the process to an orderly end. */
export class Lifecycle {
  readonly #inFlight = new Set<symbol>();
  readonly #stopped = new AbortController();
  #isDraining = false;
  #onIdle: () => void = () => undefined;

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Aborts when draining is over, one way or the other: what still waits may go. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /**
   * Takes on a piece of work.
   *
   * @returns to be called when it is done
   * @throws {ApiError} 503 while draining
   */
  enter(): () => void {
    if (this.#isDraining) throw shuttingDown();
    const work = Symbol('work');
    this.#inFlight.add(work);
    return () => {
      this.#inFlight.delete(work);
      if (this.#inFlight.size === 0) this.#onIdle();
    };
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
    await Promise.all([this.#idle(deadline), drainJobs(deadline)]);
    this.#stopped.abort(shuttingDown());
  }

  #idle(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#inFlight.size === 0 || deadline.aborted) resolve();
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
