import type { Request, Response } from 'express';
import type { Backend } from '../backend.js';
import { Exchange } from '../http/exchange.js';
import { requestId } from '../http/headers.js';
import { recordRequest } from '../http/record-request.js';
import { routeOf } from './route.js';

/** Runs when a request begins: it has an exchange from then on, and one log line and one measurement when it is over. */
export function createRequestHook(backend: Backend) {
  const { logger, metrics } = backend;
  return (request: Request, response: Response, done: () => void): void => {
    const exchange = new Exchange(response, backend);
    request.id = requestId(request.headers['x-request-id']);
    request.log = logger.child({ request_id: request.id });
    request.exchange = exchange;
    response.setHeader('x-request-id', request.id);
    exchange.onEnd(() => {
      recordRequest(exchange, routeOf(request), { logger: request.log, metrics });
    });
    done();
  };
}
