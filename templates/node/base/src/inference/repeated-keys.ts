import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { InferenceCall } from './inference.js';

const MAX_KEYS = 1_000;

type Source = Pick<InferenceCall, 'tenant' | 'task' | 'text' | 'input'>;

interface Repeated {
  readonly input: unknown;
  readonly key: string;
}

/**
 * Keys of the cache, by the texts of the requests that they were made for. Who asks again mostly sends the same bytes, and
 * to make the key once more would take longer than to find it. What was made of the text is compared all the same: a route
 * or a schema may have added to it.
 */
export class RepeatedKeys {
  readonly #keys: LRUCache<string, Repeated>;

  /** @param entries as many as the cache has at most: keys to nothing are of no use */
  constructor(entries: number) {
    this.#keys = new LRUCache({ max: Math.min(entries, MAX_KEYS) });
  }

  find(source: Source): string | undefined {
    if (source.text === undefined) return undefined;
    const repeated = this.#keys.get(nameOf(source));
    return isDeepStrictEqual(repeated?.input, source.input) ? repeated?.key : undefined;
  }

  /** Does nothing where no text is known. */
  remember(source: Source, key: string): void {
    if (source.text !== undefined) this.#keys.set(nameOf(source), { input: source.input, key });
  }
}

/** Neither a tenant nor a task has a line break in its name. */
function nameOf({ tenant, task, text = '' }: Source): string {
  return `${tenant}\n${task.name}\n${text}`;
}
