import { hash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../errors.js';
import type { ApiKeyEntry } from './api-key-list.js';
import { ANYBODY, type Principal } from './principal.js';

/** The header with which a key was shown, and whose key it is. */
interface ShownKey {
  readonly authorization: Buffer;
  readonly principal: Principal;
}

interface KnownKey {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** The keys that callers may show, by their hashes: the keys themselves are nowhere. */
export class ApiKeys {
  readonly #known: ReadonlyMap<string, KnownKey> | undefined;
  /** By connection: most callers keep one, and show the same key again and again. */
  readonly #shown = new WeakMap<object, ShownKey>();

  /** @param entries what `API_KEYS` says; undefined lets anybody in */
  constructor(entries: readonly ApiKeyEntry[] | undefined) {
    this.#known = entries && new Map(entries.map((entry) => [entry.hash, toKnownKey(entry)]));
  }

  /** Whether anybody may call, without a key. */
  get areOpen(): boolean {
    return this.#known === undefined;
  }

  /**
   * @param authorization the header
   * @param connection on which it came
   * @throws {ApiError} 401
   */
  authenticate(authorization = '', connection: object): Principal {
    if (this.#known === undefined) return ANYBODY;
    const bytes = Buffer.from(authorization);
    const last = this.#shown.get(connection);
    if (last !== undefined && areEqual(last.authorization, bytes)) return last.principal;
    const principal = identify(this.#known, authorization);
    this.#shown.set(connection, { authorization: bytes, principal });
    return principal;
  }
}

function identify(known: ReadonlyMap<string, KnownKey>, authorization: string): Principal {
  const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (key === undefined) throw unauthorized('Send an API key: "Authorization: Bearer <key>".');
  const principal = find(known, key);
  if (principal === undefined) throw unauthorized('This API key is not known.');
  return principal;
}

/**
 * How long the look-up takes depends on the hash of what was shown, and nobody can choose a key whose hash begins like
 * that of another: its time tells nothing of the keys. The comparison itself takes the same time for all.
 */
function find(known: ReadonlyMap<string, KnownKey>, key: string): Principal | undefined {
  const hex = hashApiKey(key);
  const found = known.get(hex);
  return found !== undefined && areEqual(found.digest, Buffer.from(hex, 'hex'))
    ? found.principal
    : undefined;
}

/** Takes the same time for all bytes of one length. */
function areEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What stands in `API_KEYS` for a key. Keys are long and random: no salt and no slow hash would make them safer. */
export function hashApiKey(key: string): string {
  return hash('sha256', key, 'hex');
}

function toKnownKey({ tenant, hash: hex }: ApiKeyEntry): KnownKey {
  return {
    digest: Buffer.from(hex, 'hex'),
    principal: { tenant, key: hex.slice(0, 16) },
  };
}

function unauthorized(message: string): ApiError {
  return new ApiError({
    status: 401,
    code: 'invalid_api_key',
    type: 'authentication_error',
    message,
    headers: { 'www-authenticate': 'Bearer' },
  });
}
