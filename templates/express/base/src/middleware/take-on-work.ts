import type { RequestHandler } from 'express';
import type { Backend } from '../backend.js';

/**
 * Marks a request as work, once its body is there: refused while the server drains, and waited for before it stops.
 * Before that, a client that sends its body slowly would hold up the drain.
 */
export function takeOnWork({ lifecycle }: Backend): RequestHandler {
  return ({ exchange }, _response, next) => {
    exchange.onEnd(lifecycle.enter());
    next();
  };
}
