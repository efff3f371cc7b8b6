import { createMiddleware } from 'hono/factory';
import type { Backend } from '../backend.js';
import type { ApiEnv } from '../env.js';

/** Lets callers in by their API key, before anything is read of what they send. */
export function access({ apiKeys }: Backend) {
  return createMiddleware<ApiEnv>((c, next) => {
    const { headers, connection } = c.env;
    const { tenant, key } = apiKeys.authenticate(headers.authorization, connection);
    c.set('caller', { tenant, key, requestId: c.get('requestId'), exchange: c.env });
    return next();
  });
}
