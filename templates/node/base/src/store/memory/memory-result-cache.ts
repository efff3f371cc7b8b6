import { LRUCache } from 'lru-cache';
import type { Outcome } from '../../inference/task.js';
import type { ResultCache } from '../ports.js';

export class MemoryResultCache implements ResultCache {
  readonly #entries: LRUCache<string, Outcome>;

  constructor(maxEntries: number) {
    this.#entries = new LRUCache({ max: maxEntries });
  }

  get(key: string): Promise<Outcome | undefined> {
    return Promise.resolve(this.#entries.get(key));
  }

  set(key: string, outcome: Outcome, ttlSeconds: number): Promise<void> {
    this.#entries.set(key, outcome, { ttl: ttlSeconds * 1000 });
    return Promise.resolve();
  }
}
