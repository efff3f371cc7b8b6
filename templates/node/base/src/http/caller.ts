import type { IncomingHttpHeaders } from 'node:http';
import type { AbortSignalLike } from '../abort-signal.js';
import type { Principal } from '../access/principal.js';
import type { Span } from '../telemetry/tracing.js';

/** Who asks, as far as the answer depends on it. */
export interface Caller extends Principal {
  readonly requestId: string;
  readonly headers: IncomingHttpHeaders;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignalLike;
  /** What the request is in a trace; null where nobody traces. */
  readonly span: Span | null;
}

/** A header that should come once; of several the first counts. */
export function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
