import { createHash, randomBytes } from 'node:crypto';
import { Client, type Exchange, type Headers } from './client.js';

/** An API key of a test's own. */
export class ApiKey {
  readonly secret = `sk-contract-${randomBytes(18).toString('base64url')}`;

  constructor(readonly tenant: string) {}

  /** SHA-256 in hex: all that the backend is told. */
  get hash(): string {
    return createHash('sha256').update(this.secret).digest('hex');
  }

  get headers(): Headers {
    return { authorization: `Bearer ${this.secret}` };
  }
}

/** The value of `API_KEYS` that admits these keys. */
export function apiKeys(keys: readonly ApiKey[]): string {
  return keys.map(({ tenant, hash }) => `${tenant}:${hash}`).join(',');
}

/** Asks a backend, showing a key each time. */
export class KeyHolder extends Client {
  constructor(
    private readonly backend: Client,
    readonly key: ApiKey,
  ) {
    super();
  }

  get baseUrl(): string {
    return this.backend.baseUrl;
  }

  override begin(
    method: string,
    path: string,
    options: { headers?: Headers; body?: string | Buffer | undefined } = {},
  ): Exchange {
    const headers = { ...this.key.headers, ...options.headers };
    return super.begin(method, path, { ...options, headers });
  }
}
