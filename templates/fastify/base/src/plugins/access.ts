import fp from 'fastify-plugin';
import type { Caller } from '../http/caller.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request this is. */
    readonly caller: Caller;
  }
}

/** Lets callers in by their API key, before anything is read of what they send. */
export const accessPlugin = fp(
  (app, _options, done) => {
    const { apiKeys } = app.backend;
    app.decorateRequest('caller');
    app.addHook('onRequest', (request, _reply, next) => {
      const { id: requestId, headers, exchange, raw } = request;
      const { tenant, key } = apiKeys.authenticate(headers.authorization, raw.socket);
      request.setDecorator('caller', { tenant, key, requestId, exchange });
      next();
    });
    done();
  },
  { name: 'access', dependencies: ['backend', 'exchange'], fastify: '5.x' },
);
