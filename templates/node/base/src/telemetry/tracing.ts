import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import { service } from '../service.js';
import type { Logger } from './logger.js';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer';

export type Attributes = Readonly<Record<string, string | number | boolean | string[]>>;

/** `traceparent`, and perhaps `tracestate`: https://www.w3.org/TR/trace-context/ */
export type TraceHeaders = Readonly<Record<string, string>>;

/** A piece of work, as a trace shows it. It is handed from caller to callee, like an `AbortSignal`. */
export interface Span {
  /** Fields for the lines that are logged of the work. */
  readonly ids: { readonly trace_id: string; readonly span_id: string };
  /** Tell another process of which trace it becomes a part. */
  readonly headers: TraceHeaders;
  startChild(kind: SpanKind, name: string, attributes: Attributes): Span;
  updateName(name: string): void;
  /** Nothing that callers write in prompts, and no key, may be among them. */
  setAttributes(attributes: Attributes): void;
  /** @param errorType of work that failed; one of few words */
  end(errorType?: string): void;
}

export interface Tracer {
  /** @param parent of the work that this is a part of; where it names no trace, a new one begins */
  startSpan(
    kind: SpanKind,
    name: string,
    attributes: Attributes,
    parent: IncomingHttpHeaders | TraceHeaders,
  ): Span;
  /** Sends what has not been sent yet. */
  close(): Promise<void>;
}

/** Null when nobody wants traces. OpenTelemetry's SDK is loaded only where somebody does: it takes its time. */
export async function createTracer(
  config: Pick<Config, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_SERVICE_NAME'>,
  logger: Logger,
): Promise<Tracer | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: name = service.name } = config;
  if (endpoint === undefined) return null;
  const { OpenTelemetryTracer } = await import('./open-telemetry-tracer.js');
  return new OpenTelemetryTracer({ endpoint, name, version: service.version }, logger);
}

/** Does the work, and ends its span with it. */
export async function within<Result>(
  span: Span | null,
  work: (span: Span | null) => Promise<Result>,
): Promise<Result> {
  try {
    const result = await work(span);
    span?.end();
    return result;
  } catch (error) {
    span?.end(errorType(error));
    throw error;
  }
}

/** A word for a failure, as spans and metrics have it: never its text, which may hold anything. */
export function errorType(error: unknown): string {
  if (error instanceof ApiError) return error.body.code;
  return error instanceof Error ? error.name : 'unknown';
}
