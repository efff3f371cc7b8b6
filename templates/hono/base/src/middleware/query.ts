import { createMiddleware } from 'hono/factory';
import type { z } from 'zod';
import type { AppEnv } from '../env.js';
import { validate, type ValidInput } from './valid-input.js';

/** Checks the query, which the route gets as `c.req.valid('query')`. */
export function query<Schema extends z.ZodType>(schema: Schema) {
  return createMiddleware<AppEnv, string, ValidInput<'query', Schema>>(async (c, next) => {
    const parameters = Object.entries(c.req.queries()).map(([name, values]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]);
    c.req.addValidatedData('query', validate(schema, Object.fromEntries(parameters)));
    await next();
  });
}
