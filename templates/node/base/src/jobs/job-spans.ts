import type { Attributes, Span, Tracer } from '../telemetry/tracing.js';
import type { Job } from './job.js';

/** The part of a request that hands a job over. */
export function startSubmitSpan(parent: Span | null, jobId: string): Span | null {
  return parent?.startChild('producer', 'send jobs', messagingAttributes('send', jobId)) ?? null;
}

/** The run of a job, in the trace of the request that it was submitted by. */
export function startRunSpan(tracer: Tracer | null, { id, trace }: Job): Span | null {
  const attributes = messagingAttributes('process', id);
  return tracer?.startSpan('consumer', 'process jobs', attributes, trace ?? {}) ?? null;
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
function messagingAttributes(operation: 'send' | 'process', jobId: string): Attributes {
  return {
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': 'jobs',
    'messaging.message.id': jobId,
  };
}
