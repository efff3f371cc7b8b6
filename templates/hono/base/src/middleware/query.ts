import { createMiddleware } from 'hono/factory';
import type { z } from 'zod';
import type { AppEnv } from '../env.js';
import { validate, type ValidInput } from './valid-input.js';

/** Checks the query, which the route gets as `c.req.valid('query')`. */
export function query<Schema extends z.ZodType>(schema: Schema) {
  return createMiddleware<AppEnv, string, ValidInput<'query', Schema>>(async (c, next) => {
    const { searchParams } = new URL(c.req.url);
    const parameters = [...new Set(searchParams.keys())].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    });
    c.req.addValidatedData('query', validate(schema, Object.fromEntries(parameters)));
    await next();
  });
}
