import type {
  IdempotencyClaim,
  IdempotencyRecord,
  IdempotencyStore,
  RecordedAnswer,
} from '../ports.js';

const MAX_ANSWERS = 10_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;

interface HeldClaim extends IdempotencyClaim {
  readonly expiresAt: number;
}

interface KeptAnswer extends IdempotencyRecord {
  readonly answer: RecordedAnswer;
  readonly expiresAt: number;
}

export class MemoryIdempotencyStore implements IdempotencyStore {
  /** As many as there are requests in flight, at most. */
  readonly #claims = new Map<string, HeldClaim>();
  /** Those that were given first come first: all are kept for the same time, so they expire in that order too. */
  readonly #answers = new Map<string, KeptAnswer>();
  #characters = 0;

  constructor(
    private readonly maxAnswers = MAX_ANSWERS,
    private readonly maxCharacters = MAX_CHARACTERS,
  ) {}

  /** How many answers are kept. */
  get size(): number {
    return this.#answers.size;
  }

  claim(claim: IdempotencyClaim, leaseMs: number): Promise<IdempotencyRecord | undefined> {
    const { key } = claim;
    const answered = this.#answers.get(key);
    if (answered !== undefined && answered.expiresAt > Date.now()) return Promise.resolve(answered);
    const held = this.#claims.get(key);
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
      this.#drop(key);
      this.#makeRoom(answer.body.length);
      const expiresAt = Date.now() + ttlSeconds * 1000;
      this.#answers.set(key, { fingerprint, answer, expiresAt });
      this.#characters += answer.body.length;
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

  /** Drops what has expired, and the oldest while the store is full. */
  #makeRoom(characters: number): void {
    for (const [key, { expiresAt }] of this.#answers) {
      const isFull =
        this.#answers.size >= this.maxAnswers || this.#characters + characters > this.maxCharacters;
      if (!isFull && expiresAt > Date.now()) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#characters -= this.#answers.get(key)?.answer.body.length ?? 0;
    this.#answers.delete(key);
  }
}
