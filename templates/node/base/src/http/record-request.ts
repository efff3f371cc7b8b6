import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Exchange } from './exchange.js';
import { endRequestSpan } from './request-span.js';

type EndedRequest = Pick<Exchange, 'method' | 'status' | 'span' | 'isComplete' | 'startedAt'>;

interface Recorders {
  /** Bound to the request's id. */
  readonly logger: Pick<Logger, 'info'>;
  readonly metrics: Metrics;
}

/**
 * Writes one log line and one measurement of a request that is over, and ends its span.
 *
 * @param route the route's template, undefined where there is none for the URL: a caller's text must not become a label
 */
export function recordRequest(
  { method, status, span, isComplete, startedAt }: EndedRequest,
  route = 'unmatched',
  { logger, metrics }: Recorders,
): void {
  const milliseconds = performance.now() - startedAt;
  metrics.httpRequestDuration.observe({ method, route, status }, milliseconds / 1000);
  if (span !== null) endRequestSpan(span, { method, route, status });
  const duration_ms = Math.round(milliseconds);
  const line = { method, route, status, duration_ms, complete: isComplete };
  logger.info(span === null ? line : { ...line, ...span.ids }, 'request');
}
