import { z } from 'zod';

export const model = z.looseObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
});

export const modelList = z.looseObject({ object: z.literal('list'), data: z.array(model) });
