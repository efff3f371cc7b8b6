import type { z } from 'zod';
import { schemaViolation } from '../errors.js';

/**
 * What a schema makes of a part of a request.
 *
 * @throws {ApiError} 400, naming the field at fault
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (error !== undefined) throw schemaViolation(error.issues);
  return data;
}
