import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as ApiSpan,
  type Tracer as ApiTracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from './logger.js';
import type { Attributes, Span, SpanKind, TraceHeaders, Tracer } from './tracing.js';

/** How long the last spans may take to be sent: a collector that is gone must not hold up the end. */
const FLUSH_MS = 2_000;

/** Names of models are among them that callers give, and those may be of any length. */
const MAX_VALUE_LENGTH = 1_024;

const TRACE_CONTEXT = new W3CTraceContextPropagator();

const KINDS: Readonly<Record<SpanKind, Kind>> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
};

export interface TracedService {
  /** Where the collector is; spans go to `v1/traces` below it. */
  readonly endpoint: string;
  readonly name: string;
  readonly version: string;
}

/**
 * Traces by OpenTelemetry's SDK, which reads its other standard variables by itself:
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export class OpenTelemetryTracer implements Tracer {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: ApiTracer;

  constructor({ endpoint, name, version }: TracedService, logger: Logger) {
    logDiagnostics(logger);
    const own = resourceFromAttributes({ 'service.name': name, 'service.version': version });
    const given = detectResources({ detectors: [envDetector] });
    const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
    this.#provider = new BasicTracerProvider({
      resource: defaultResource().merge(given).merge(own),
      spanLimits: { attributeValueLengthLimit: MAX_VALUE_LENGTH },
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
    });
    this.#tracer = this.#provider.getTracer(name, version);
  }

  startSpan(
    kind: SpanKind,
    name: string,
    attributes: Attributes,
    parent: IncomingHttpHeaders | TraceHeaders,
  ): Span {
    const context = TRACE_CONTEXT.extract(ROOT_CONTEXT, parent, defaultTextMapGetter);
    return new OpenTelemetrySpan(this.#tracer, kind, name, attributes, context);
  }

  async close(): Promise<void> {
    const flushed = this.#provider.shutdown().catch((error: unknown) => {
      diag.warn('the last spans were not sent', error);
    });
    await Promise.race([flushed, sleep(FLUSH_MS, undefined, { ref: false })]);
  }
}

class OpenTelemetrySpan implements Span {
  readonly #tracer: ApiTracer;
  readonly #span: ApiSpan;
  readonly #context: Context;

  constructor(
    tracer: ApiTracer,
    kind: SpanKind,
    name: string,
    attributes: Attributes,
    parent: Context,
  ) {
    this.#tracer = tracer;
    this.#span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent);
    this.#context = trace.setSpan(parent, this.#span);
  }

  get ids() {
    const { traceId, spanId } = this.#span.spanContext();
    return { trace_id: traceId, span_id: spanId };
  }

  get headers(): TraceHeaders {
    const headers: Record<string, string> = {};
    TRACE_CONTEXT.inject(this.#context, headers, defaultTextMapSetter);
    return headers;
  }

  startChild(kind: SpanKind, name: string, attributes: Attributes): Span {
    return new OpenTelemetrySpan(this.#tracer, kind, name, attributes, this.#context);
  }

  updateName(name: string): void {
    this.#span.updateName(name);
  }

  setAttributes(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  end(errorType?: string): void {
    if (errorType !== undefined) {
      this.#span.setAttributes({ 'error.type': errorType });
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}

/** What the SDK has to say, such as that a collector does not answer. */
function logDiagnostics(logger: Logger): void {
  const warn = (...details: unknown[]) => {
    logger.warn({ details: details.map(String) }, 'traces may be incomplete');
  };
  const ignore = () => undefined;
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
