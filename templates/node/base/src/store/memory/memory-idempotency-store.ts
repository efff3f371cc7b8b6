import type {
  IdempotencyClaim,
  IdempotencyRecord,
  IdempotencyStore,
  RecordedAnswer,
} from '../ports.js';
import { AnswerPool, type PoolBounds } from './answer-pool.js';

interface HeldClaim extends IdempotencyClaim {
  readonly expiresAt: number;
}

export class MemoryIdempotencyStore implements IdempotencyStore {
  /** As many as there are requests in flight, at most. */
  readonly #claims = new Map<string, HeldClaim>();
  /** By tenant: none has its answers pushed out by another's. */
  readonly #pools = new Map<string, AnswerPool>();

  constructor(private readonly bounds?: PoolBounds) {}

  /** How many answers are kept. */
  get size(): number {
    return [...this.#pools.values()].reduce((sum, { size }) => sum + size, 0);
  }

  claim(claim: IdempotencyClaim, leaseMs: number): Promise<IdempotencyRecord | undefined> {
    const { tenant, key } = claim;
    const answered = this.#pools.get(tenant)?.find(key);
    if (answered !== undefined) return Promise.resolve(answered);
    const held = this.#claims.get(nameOf(claim));
    if (held !== undefined && held.expiresAt > Date.now()) {
      return Promise.resolve({ fingerprint: held.fingerprint, answer: null });
    }
    this.#hold(claim, leaseMs);
    return Promise.resolve(undefined);
  }

  renew(claim: IdempotencyClaim, leaseMs: number): Promise<void> {
    if (this.#isHeld(claim)) this.#hold(claim, leaseMs);
    return Promise.resolve();
  }

  complete(claim: IdempotencyClaim, answer: RecordedAnswer, ttlSeconds: number): Promise<void> {
    const { tenant, key, fingerprint } = claim;
    if (this.#isHeld(claim)) {
      this.#claims.delete(nameOf(claim));
      const pool = this.#pools.get(tenant) ?? new AnswerPool(this.bounds);
      this.#pools.set(tenant, pool);
      pool.keep(key, { fingerprint, answer }, Date.now() + ttlSeconds * 1000);
    }
    return Promise.resolve();
  }

  release(claim: IdempotencyClaim): Promise<void> {
    if (this.#isHeld(claim)) this.#claims.delete(nameOf(claim));
    return Promise.resolve();
  }

  #isHeld(claim: IdempotencyClaim): boolean {
    return this.#claims.get(nameOf(claim))?.owner === claim.owner;
  }

  #hold(claim: IdempotencyClaim, leaseMs: number): void {
    this.#claims.set(nameOf(claim), { ...claim, expiresAt: Date.now() + leaseMs });
  }
}

/** No tenant has a colon in its name. */
function nameOf({ tenant, key }: IdempotencyClaim): string {
  return `${tenant}:${key}`;
}
