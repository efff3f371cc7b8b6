import type { preValidationHookHandler } from 'fastify';
import type { Lifecycle } from '../lifecycle.js';

/**
 * Marks a route as work, once its body is there: refused while the server drains, and waited for before it stops.
 * Before that, a client that sends its body slowly would hold up the drain.
 */
export function takesOnWork(lifecycle: Lifecycle): preValidationHookHandler {
  return (request, _reply, next) => {
    request.exchange.onEnd(lifecycle.enter());
    next();
  };
}
