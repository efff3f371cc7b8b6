import type { AbortSignalLike } from '../abort-signal.js';
import { ApiError } from '../errors.js';

export class Overloaded extends ApiError {
  constructor() {
    super({
      status: 503,
      code: 'overloaded',
      message: 'Too many requests run and wait at the moment.',
      headers: { 'retry-after': '1' },
    });
  }
}

/** Lets so many in at once, and has so many wait, first come, first served. Whoever comes then is turned away at once. */
export class AdmissionGate {
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #inProgress = 0;

  /** @param onShed called for each that is turned away */
  constructor(
    private readonly slots: number,
    private readonly places: number,
    private readonly onShed: () => void,
  ) {}

  get inProgress(): number {
    return this.#inProgress;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /**
   * Takes a slot, to be given back by `leave`.
   *
   * @param signal ends the wait for it
   * @returns undefined where a slot was free
   * @throws {Overloaded} when all slots and all places are taken
   */
  enter(signal: AbortSignalLike): Promise<void> | undefined {
    if (this.#inProgress < this.slots) {
      this.#inProgress += 1;
      return undefined;
    }
    if (this.#waiting.size < this.places) return this.#wait(signal);
    this.onShed();
    throw new Overloaded();
  }

  leave(): void {
    const [next] = this.#waiting;
    // A slot goes straight to who has waited longest: nobody can slip in between.
    if (next === undefined) this.#inProgress -= 1;
    else next();
  }

  #wait(signal: AbortSignalLike): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const begin = () => {
        this.#waiting.delete(begin);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.delete(begin);
        const reason = signal.reason as Error;
        reject(reason);
      };
      this.#waiting.add(begin);
      signal.addEventListener('abort', giveUp);
    });
  }
}
