import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Metrics } from '../telemetry/metrics.js';

/** One log line and one measurement for each request; its id goes out with the answer. */
export const requestLogPlugin = fp(
  (app, _options, done) => {
    const { httpRequestDuration } = app.backend.metrics;

    app.addHook('onRequest', (request, reply, next) => {
      reply.header('x-request-id', request.id);
      // Fastify's onResponse is not called when a connection breaks, and those requests matter most.
      reply.raw.once('close', () => {
        logRequest(request, reply, httpRequestDuration);
      });
      next();
    });
    done();
  },
  { name: 'request-log', dependencies: ['backend'], fastify: '5.x' },
);

function logRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  duration: Metrics['httpRequestDuration'],
): void {
  const { method } = request;
  // The route's template, never the URL itself: a caller's text must not become a label.
  const route = request.routeOptions.url ?? 'unmatched';
  const { statusCode: status, elapsedTime } = reply;
  const complete = reply.raw.writableFinished;
  duration.observe({ method, route, status }, elapsedTime / 1000);
  request.log.info(
    { method, route, status, duration_ms: Math.round(elapsedTime), complete },
    'request',
  );
}
