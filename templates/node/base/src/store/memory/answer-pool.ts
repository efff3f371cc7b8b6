import type { IdempotencyRecord, RecordedAnswer } from '../ports.js';

export interface PoolBounds {
  readonly answers: number;
  readonly characters: number;
}

const BOUNDS: PoolBounds = { answers: 10_000, characters: 64 * 1024 * 1024 };

interface Answered extends IdempotencyRecord {
  readonly answer: RecordedAnswer;
}

/** The answers of one tenant. */
export class AnswerPool {
  /** Those that were given first come first: all are kept for the same time, so they expire in that order too. */
  readonly #answers = new Map<string, Answered & { readonly expiresAt: number }>();
  #characters = 0;

  constructor(private readonly bounds = BOUNDS) {}

  get size(): number {
    return this.#answers.size;
  }

  find(key: string): Answered | undefined {
    const found = this.#answers.get(key);
    return found !== undefined && found.expiresAt > Date.now() ? found : undefined;
  }

  /** In place of one that has expired. */
  keep(key: string, answered: Answered, expiresAt: number): void {
    this.#drop(key);
    this.#makeRoom(answered.answer.body.length);
    this.#answers.set(key, { ...answered, expiresAt });
    this.#characters += answered.answer.body.length;
  }

  /** Drops what has expired, and the oldest while there are too many. */
  #makeRoom(characters: number): void {
    const { bounds } = this;
    for (const [key, { expiresAt }] of this.#answers) {
      const isFull =
        this.#answers.size >= bounds.answers || this.#characters + characters > bounds.characters;
      if (!isFull && expiresAt > Date.now()) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#characters -= this.#answers.get(key)?.answer.body.length ?? 0;
    this.#answers.delete(key);
  }
}
