import fp from 'fastify-plugin';
import { recordRequest } from '../http/record-request.js';

/** One log line and one measurement for each request; its id goes out with the answer. */
export const requestLogPlugin = fp(
  (app, _options, done) => {
    const { metrics } = app.backend;
    app.addHook('onRequest', (request, reply, next) => {
      const { id, exchange, log: logger } = request;
      reply.header('x-request-id', id);
      exchange.onEnd(() => {
        recordRequest(exchange, request.routeOptions.url, { logger, metrics });
      });
      next();
    });
    done();
  },
  { name: 'request-log', dependencies: ['backend', 'exchange'], fastify: '5.x' },
);
