import type { IncomingHttpHeaders } from 'node:http';

/** Who asks, as far as the answer depends on it. */
export interface Caller {
  readonly tenant: string;
  readonly headers: IncomingHttpHeaders;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
}

/** The tenant of every caller, as long as there are no keys to tell them apart. */
export const DEFAULT_TENANT = 'default';

/** A header that should come once; of several the first counts. */
export function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
