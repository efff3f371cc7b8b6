import { createMiddleware } from 'hono/factory';
import type { z } from 'zod';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import { readJsonBody } from '../web/json-body.js';
import { validate, type ValidInput } from './valid-input.js';

/**
 * Takes on a request for work, whose body the route gets as `c.req.valid('json')`: refused while the server drains, and
 * waited for before it stops. Not before its body is there: a client that sends it slowly would hold up the drain.
 *
 * It stands in the place of Hono's own validator of JSON, which knows no limit, takes keys that reach prototypes, and
 * rounds long integers.
 */
export function work<Schema extends z.ZodType>(
  { config, lifecycle }: Pick<Backend, 'config' | 'lifecycle'>,
  schema: Schema,
) {
  return createMiddleware<AppEnv, string, ValidInput<'json', Schema>>(async (c, next) => {
    const body = await readJsonBody(c, config.BODY_LIMIT_BYTES);
    c.env.onEnd(lifecycle.enter());
    c.req.addValidatedData('json', validate(schema, body));
    await next();
  });
}
