import { z } from 'zod';

const list = <Embedding extends z.ZodType>(embedding: Embedding) =>
  z.looseObject({
    object: z.literal('list'),
    data: z
      .array(z.looseObject({ object: z.literal('embedding'), index: z.int(), embedding }))
      .min(1),
    model: z.string(),
    usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  });

export const floatEmbeddings = list(z.array(z.number()));
export const base64Embeddings = list(z.base64());
