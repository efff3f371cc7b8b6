import { randomBytes } from 'node:crypto';
import { invalidRequest } from '../errors.js';
import type { CacheDirectives, CacheOutcome } from '../inference/inference.js';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** No other process has it: with a number after it, it is an id that nobody else gives. */
const PROCESS_ID = randomBytes(12).toString('hex');

let requests = 0;

/** The caller's own request id when it is well formed, else a new one. */
export function requestId(given: string | readonly string[] | undefined): string {
  if (typeof given === 'string' && REQUEST_ID.test(given)) return given;
  requests += 1;
  return `req_${PROCESS_ID}${requests.toString(16).padStart(8, '0')}`;
}

/** What a caller prefers (RFC 7240). */
export interface Preferences {
  readonly respondAsync: boolean;
  /** Seconds; null where none, or none that makes sense, was asked for. */
  readonly wait: number | null;
}

const NO_PREFERENCES: Preferences = { respondAsync: false, wait: null };

export function parsePrefer(header: string | undefined): Preferences {
  if (header === undefined) return NO_PREFERENCES;
  const preferences = parseList(header);
  const wait = preferences.get('wait');
  return {
    respondAsync: preferences.has('respond-async'),
    wait: wait !== undefined && /^\d{1,9}$/.test(wait) ? Number(wait) : null,
  };
}

const NO_DIRECTIVES: CacheDirectives = { noCache: false, noStore: false };

export function parseCacheControl(header: string | undefined): CacheDirectives {
  if (header === undefined) return NO_DIRECTIVES;
  const directives = parseList(header);
  return { noCache: directives.has('no-cache'), noStore: directives.has('no-store') };
}

/** Quoted, as the draft of the header's standard has it, or bare, as most services do. */
const IDEMPOTENCY_KEY = /^(?:"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/;

/**
 * `Idempotency-Key`: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 *
 * @throws {ApiError} 400
 */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, quoted, bare] = IDEMPOTENCY_KEY.exec(header) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw invalidRequest('Idempotency-Key: use 1 to 255 visible ASCII characters, without quotes.');
}

/** Items of a list, between commas that do not stand in quotes. */
const LIST_ITEM = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

/** `a, b=1, c="2"; parameters` as a map; the first of two same names counts, as RFC 7240 says. */
function parseList(header: string): ReadonlyMap<string, string> {
  const entries = (header.match(LIST_ITEM) ?? []).map((item): [string, string] => {
    const [name = '', value = ''] = (item.split(';', 1)[0] ?? '').split('=', 2);
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
  });
  return new Map(entries.reverse());
}

const CACHE_STATUS: Readonly<Record<CacheOutcome, string>> = {
  hit: 'inference; hit',
  miss: 'inference; fwd=miss',
  collapsed: 'inference; fwd=miss; collapsed',
  bypass: 'inference; fwd=bypass',
};

/** `Cache-Status` (RFC 9211). */
export function cacheStatus(outcome: CacheOutcome): string {
  return CACHE_STATUS[outcome];
}

/** Whether the caller would rather read a stream of events. */
export function acceptsEventStream(header: string | undefined): boolean {
  return (header ?? '').split(',').some((range) => /^\s*text\/event-stream\s*(;|$)/i.test(range));
}
