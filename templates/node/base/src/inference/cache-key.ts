import { hash } from 'node:crypto';
import stringify from 'safe-stable-stringify';

export interface CacheKeyParts {
  readonly tenant: string;
  readonly task: { readonly name: string; readonly version: number };
  /** Where the model's alias leads to, so that an alias that moves leaves its old answers behind. */
  readonly targets: unknown;
  readonly input: unknown;
}

/** A SHA-256 in hex over the canonical JSON of everything that decides an answer. The tenant is always part of it. */
export function cacheKey({ tenant, task, targets, input }: CacheKeyParts): string {
  const canonical = stringify([tenant, task.name, task.version, targets, input]);
  return hash('sha256', canonical, 'hex');
}
