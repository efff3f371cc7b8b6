import { randomBytes } from 'node:crypto';
import { hashApiKey } from './api-keys.js';

export interface NewApiKey {
  /** What the caller shows. It is nowhere else. */
  readonly key: string;
  /** What `API_KEYS` takes. */
  readonly entry: string;
}

export function createApiKey(tenant: string): NewApiKey {
  const key = `sk-${randomBytes(32).toString('base64url')}`;
  return { key, entry: `${tenant}:${hashApiKey(key)}` };
}
