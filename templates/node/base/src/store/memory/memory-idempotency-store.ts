import { LRUCache } from 'lru-cache';
import type {
  IdempotencyClaim,
  IdempotencyRecord,
  IdempotencyStore,
  RecordedAnswer,
} from '../ports.js';

const MAX_ANSWERS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

interface HeldClaim extends IdempotencyClaim {
  readonly expiresAt: number;
}

export class MemoryIdempotencyStore implements IdempotencyStore {
  /** As many as there are requests in flight, at most. */
  readonly #claims = new Map<string, HeldClaim>();
  readonly #answers = new LRUCache<string, IdempotencyRecord & { readonly answer: RecordedAnswer }>(
    {
      max: MAX_ANSWERS,
      maxSize: MAX_BYTES,
      sizeCalculation: ({ answer }) => answer.body.length + 1,
    },
  );

  claim(claim: IdempotencyClaim, leaseMs: number): Promise<IdempotencyRecord | undefined> {
    const answered = this.#answers.get(claim.key);
    if (answered !== undefined) return Promise.resolve(answered);
    const held = this.#claims.get(claim.key);
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
    const { key, fingerprint } = claim;
    if (this.#isHeld(claim)) {
      this.#claims.delete(key);
      this.#answers.set(key, { fingerprint, answer }, { ttl: ttlSeconds * 1000 });
    }
    return Promise.resolve();
  }

  release(claim: IdempotencyClaim): Promise<void> {
    if (this.#isHeld(claim)) this.#claims.delete(claim.key);
    return Promise.resolve();
  }

  #isHeld({ key, owner }: IdempotencyClaim): boolean {
    return this.#claims.get(key)?.owner === owner;
  }

  #hold(claim: IdempotencyClaim, leaseMs: number): void {
    this.#claims.set(claim.key, { ...claim, expiresAt: Date.now() + leaseMs });
  }
}
