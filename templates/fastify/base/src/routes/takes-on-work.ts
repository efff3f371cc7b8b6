import type { onRequestHookHandler } from 'fastify';
import type { Lifecycle } from '../lifecycle.js';

/** Marks a route as work: refused while the server drains, and waited for before it stops. */
export function takesOnWork(lifecycle: Lifecycle): onRequestHookHandler {
  return (_request, reply, next) => {
    reply.raw.once('close', lifecycle.enter());
    next();
  };
}
