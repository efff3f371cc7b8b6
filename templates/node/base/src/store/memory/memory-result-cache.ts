import { LRUCache } from 'lru-cache';
import type { Outcome } from '../../inference/task.js';
import type { ResultCache } from '../ports.js';

/** An embedding of many texts is megabytes: a bound on entries alone would not keep memory in bounds. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_ENTRY_BYTES = MAX_BYTES / 16;

/** Between two looks at the clock. After each there is a timer, and with the library's own 1 ms a thousand a second. */
const CLOCK_MS = 100;

export class MemoryResultCache implements ResultCache {
  readonly #entries: LRUCache<string, Outcome>;

  constructor(maxEntries: number) {
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: MAX_BYTES,
      maxEntrySize: MAX_ENTRY_BYTES,
      sizeCalculation: ({ body }) => body.length + 1,
      ttlResolution: CLOCK_MS,
    });
  }

  get(key: string): Promise<Outcome | undefined> {
    return Promise.resolve(this.#entries.get(key));
  }

  set(key: string, outcome: Outcome, ttlSeconds: number): Promise<void> {
    this.#entries.set(key, outcome, { ttl: ttlSeconds * 1000 });
    return Promise.resolve();
  }
}
