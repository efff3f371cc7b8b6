import { z } from 'zod';

/** The `error` object that OpenAI's SDKs read: all four keys always stand. */
export const errorObject = z.object({
  message: z.string().min(1),
  type: z.string().min(1),
  param: z.string().nullable(),
  code: z.string().nullable(),
});

/** RFC 9457, and OpenAI's shape beside it. */
export const problem = z.object({
  type: z.string().regex(/\/errors\/[a-z0-9-]+$/u),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  instance: z.string(),
  error: errorObject,
});

export type Problem = z.infer<typeof problem>;

/** The frame that ends a stream which failed after it had begun. */
export const errorFrame = z.object({ error: errorObject });
