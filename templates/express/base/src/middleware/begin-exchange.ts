import type { IRoute, Request, RequestHandler } from 'express';
import type { Backend } from '../backend.js';
import { Exchange } from '../http/exchange.js';
import { requestId } from '../http/headers.js';
import { recordRequest } from '../http/record-request.js';

/** Gives each request an id, which goes out with the answer, and notes in log and metrics what came of it. */
export function beginExchange(backend: Backend): RequestHandler {
  const { logger, metrics } = backend;
  return (request, response, next) => {
    const id = requestId(request.headers['x-request-id']);
    const log = logger.child({ request_id: id });
    const exchange = new Exchange(response, backend);
    request.id = id;
    request.log = log;
    request.exchange = exchange;
    response.setHeader('x-request-id', id);
    exchange.onEnd(() => {
      recordRequest(exchange, routeTemplate(request), { logger: log, metrics });
    });
    next();
  };
}

/** Undefined where there is no route for the URL. */
function routeTemplate({ route, mountPath = '' }: Request): string | undefined {
  if (route === undefined) return undefined;
  const { path } = route as IRoute;
  return path === '/' ? mountPath : mountPath + path;
}
