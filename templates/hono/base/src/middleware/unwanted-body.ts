import { createMiddleware } from 'hono/factory';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import { readUnwantedBody } from '../web/json-body.js';

/** For routes that take no body, though their method has one. */
export function unwantedBody({ config }: Pick<Backend, 'config'>) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await readUnwantedBody(c, config.BODY_LIMIT_BYTES);
    await next();
  });
}
