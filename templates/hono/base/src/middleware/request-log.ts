import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import { requestId } from '../http/headers.js';
import { recordRequest } from '../http/record-request.js';

/** What `routePath` says where nothing but middleware is. */
const NO_ROUTE = '/*';

/** Gives each request its id; writes one log line and one measurement of it. */
export function requestLog({ logger: root, metrics }: Backend) {
  return createMiddleware<AppEnv>((c, next) => {
    const id = requestId(c.env.headers['x-request-id']);
    const logger = root.child({ request_id: id });
    c.set('requestId', id);
    c.set('logger', logger);
    c.env.onEnd(() => {
      const path = routePath(c, -1);
      recordRequest(c.env, path === NO_ROUTE ? undefined : path, { logger, metrics });
    });
    return next();
  });
}
