import type { ValidationTargets } from 'hono';
import type { z } from 'zod';
import { schemaViolation } from '../errors.js';

/** What a client sends, and what the route gets of `c.req.valid`. */
export interface ValidInput<Target extends keyof ValidationTargets, Schema extends z.ZodType> {
  in: Record<Target, z.input<Schema>>;
  out: Record<Target, z.output<Schema>>;
}

/** @throws {ApiError} 400, naming the field at fault */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> & object {
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw schemaViolation(error.issues);
  return data as z.output<Schema> & object;
}
