import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { endRequestSpan } from '../http/request-span.js';
import type { Metrics } from '../telemetry/metrics.js';

/** What is noted of a client that left before there was an answer, as nginx has it. */
const CLIENT_CLOSED_REQUEST = 499;

/** One log line and one measurement for each request; its id goes out with the answer. */
export const requestLogPlugin = fp(
  (app, _options, done) => {
    const { httpRequestDuration } = app.backend.metrics;
    app.addHook('onRequest', (request, reply, next) => {
      reply.header('x-request-id', request.id);
      request.exchange.onEnd(() => {
        logRequest(request, reply, httpRequestDuration);
      });
      next();
    });
    done();
  },
  { name: 'request-log', dependencies: ['backend', 'exchange'], fastify: '5.x' },
);

function logRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  duration: Metrics['httpRequestDuration'],
): void {
  const { method, exchange } = request;
  // The route's template, never the URL itself: a caller's text must not become a label.
  const route = request.routeOptions.url ?? 'unmatched';
  const wasAnswered = exchange.isComplete || reply.raw.headersSent;
  const status = wasAnswered ? reply.statusCode : CLIENT_CLOSED_REQUEST;
  const { elapsedTime } = reply;
  duration.observe({ method, route, status }, elapsedTime / 1000);
  if (exchange.span !== null) endRequestSpan(exchange.span, request.raw, { route, status });
  const line = {
    method,
    route,
    status,
    duration_ms: Math.round(elapsedTime),
    complete: exchange.isComplete,
  };
  request.log.info(exchange.span === null ? line : { ...line, ...exchange.span.ids }, 'request');
}
