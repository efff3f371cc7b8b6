import { z } from 'zod';

export const task = z.looseObject({
  name: z.string(),
  version: z.union([z.string(), z.number()]),
  description: z.string(),
  streaming: z.boolean(),
  input_schema: z.record(z.string(), z.unknown()),
  output_schema: z.record(z.string(), z.unknown()),
});

export const taskList = z.looseObject({ object: z.literal('list'), data: z.array(task) });

export type Task = z.infer<typeof task>;
