import fp from 'fastify-plugin';
import { Exchange } from '../http/exchange.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Tells when the request is over, also when its client has left. */
    readonly exchange: Exchange;
  }
}

/** Fastify's own `onResponse` and `request.signal` do not tell of every connection that breaks. */
export const exchangePlugin = fp(
  (app, _options, done) => {
    app.decorateRequest('exchange');
    app.addHook('onRequest', (request, reply, next) => {
      request.setDecorator('exchange', new Exchange(reply.raw, app.backend));
      next();
    });
    done();
  },
  { name: 'exchange', dependencies: ['backend'], fastify: '5.x' },
);
