import { hash } from 'node:crypto';
import { toCanonicalJson } from '../json.js';

export interface CacheKeyParts {
  readonly tenant: string;
  readonly task: { readonly name: string; readonly version: number };
  /** Where the model's alias leads to, so that an alias that moves leaves its old answers behind. */
  readonly destination: string | null;
  readonly input: unknown;
}

/** A SHA-256 in hex over the canonical JSON of everything that decides an answer. The tenant is always part of it. */
export function cacheKey({ tenant, task, destination, input }: CacheKeyParts): string {
  const canonical = toCanonicalJson([tenant, task.name, task.version, destination, input]);
  return hash('sha256', canonical, 'hex');
}
