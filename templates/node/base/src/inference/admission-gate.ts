import type { AbortSignalLike } from '../abort-signal.js';
import { ApiError } from '../errors.js';
import { shareOf } from '../tenant-share.js';

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

/**
 * Lets so many in at once, and has so many wait: tenants are served in turn, and of each who came first. Whoever comes then
 * is turned away at once.
 */
export class AdmissionGate {
  /** By tenant, in the order of their turns; of each in the order in which they came. None is empty. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #queued = 0;
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
    return this.#queued;
  }

  /**
   * Takes a slot, to be given back by `leave`.
   *
   * @param signal ends the wait for it
   * @returns undefined where a slot was free
   * @throws {Overloaded} when all slots are taken, and all places that the tenant may have
   */
  enter(signal: AbortSignalLike, tenant: string): Promise<void> | undefined {
    if (this.#inProgress < this.slots) {
      this.#inProgress += 1;
      return undefined;
    }
    if (this.#hasPlace(tenant)) return this.#wait(signal, tenant);
    this.onShed();
    throw new Overloaded();
  }

  leave(): void {
    // A slot goes straight to who waits: nobody can slip in between.
    const next = this.#takeTurn();
    if (next === undefined) this.#inProgress -= 1;
    else next();
  }

  #hasPlace(tenant: string): boolean {
    const own = this.#waiting.get(tenant)?.size ?? 0;
    return own < shareOf(this.places, this.#queued - own);
  }

  /** Who is to be let in next. Its tenant is last in turn from then on. */
  #takeTurn(): (() => void) | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [tenant, waiting] = first;
    this.#waiting.delete(tenant);
    this.#waiting.set(tenant, waiting);
    const [next] = waiting;
    return next;
  }

  #queue(tenant: string, begin: () => void): void {
    const waiting = this.#waiting.get(tenant) ?? new Set();
    this.#waiting.set(tenant, waiting.add(begin));
    this.#queued += 1;
  }

  #unqueue(tenant: string, begin: () => void): void {
    const waiting = this.#waiting.get(tenant);
    waiting?.delete(begin);
    if (waiting?.size === 0) this.#waiting.delete(tenant);
    this.#queued -= 1;
  }

  #wait(signal: AbortSignalLike, tenant: string): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const begin = () => {
        this.#unqueue(tenant, begin);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#unqueue(tenant, begin);
        const reason = signal.reason as Error;
        reject(reason);
      };
      this.#queue(tenant, begin);
      signal.addEventListener('abort', giveUp);
    });
  }
}
