import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../env.js';
import { invalidRequest } from '../errors.js';
import { isDecodable, rawPath } from '../web/request-path.js';

/** Hono would take what cannot be decoded as it is. */
export const refuseBadUrls = createMiddleware<AppEnv>((c, next) => {
  if (!isDecodable(rawPath(c.env.url))) throw invalidRequest('The URL cannot be decoded.');
  return next();
});
