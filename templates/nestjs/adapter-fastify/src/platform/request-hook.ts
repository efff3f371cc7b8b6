import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Backend } from '../backend.js';
import type { Caller } from '../http/caller.js';
import { Exchange } from '../http/exchange.js';
import { recordRequest } from '../http/record-request.js';
import { routeOf } from './route.js';

declare module 'node:http' {
  interface IncomingMessage {
    exchange: Exchange;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange;
    caller: Caller;
  }
}

/** Runs when a request begins: it has an exchange from then on, and one log line and one measurement when it is over. */
export function createRequestHook(backend: Backend) {
  const { metrics } = backend;
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const exchange = new Exchange(reply.raw, backend);
    request.exchange = exchange;
    // Nest's middleware is given Node's own request, and so are filters of what it throws.
    request.raw.exchange = exchange;
    reply.header('x-request-id', request.id);
    exchange.onEnd(() => {
      recordRequest(exchange, routeOf(request), { logger: request.log, metrics });
    });
    done();
  };
}
