import type { IncomingMessage } from 'node:http';
import type { Span, Tracer } from '../telemetry/tracing.js';

/** What a request came to. */
export interface RequestOutcome {
  readonly method: string;
  /** The route's template. */
  readonly route: string;
  readonly status: number;
}

/** Goes on with the caller's trace, if there is one. Probes and the like, which come all the time, are not traced. */
export function startRequestSpan(
  tracer: Tracer,
  { method = '', url = '', headers }: IncomingMessage,
): Span | null {
  const [path = ''] = url.split('?', 1);
  if (!path.startsWith('/v1/')) return null;
  const attributes = { 'http.request.method': method, 'url.path': path, 'url.scheme': 'http' };
  return tracer.startSpan('server', method, attributes, headers);
}

export function endRequestSpan(span: Span, { method, route, status }: RequestOutcome): void {
  span.updateName(`${method} ${route}`);
  span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
  span.end(status >= 500 ? String(status) : undefined);
}
