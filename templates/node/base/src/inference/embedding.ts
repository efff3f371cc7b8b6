import { z } from 'zod';
import { usage } from './chat-completion.js';
import { encodeEmbeddings } from './embedding-encoding.js';
import type { Task } from './task.js';

/** https://platform.openai.com/docs/api-reference/embeddings/create; other fields pass through untouched. */
export const embeddingRequest = z
  .looseObject({
    model: z.string().min(1),
    input: z
      .union([
        z.string().min(1),
        z.array(z.string()).min(1),
        z.array(z.number().int()).min(1),
        z.array(z.array(z.number().int()).min(1)).min(1),
      ])
      .meta({ description: 'Text, texts, tokens, or lists of tokens.' }),
    encoding_format: z.enum(['float', 'base64']).nullish(),
    dimensions: z.number().int().positive().nullish(),
  })
  .meta({ id: 'EmbeddingRequest', examples: [{ model: 'embedding', input: 'A text to embed.' }] });

export type EmbeddingRequest = z.output<typeof embeddingRequest>;

export const embeddingBody = z
  .looseObject({
    object: z.literal('list'),
    data: z.array(
      z.looseObject({
        object: z.literal('embedding'),
        index: z.number().int(),
        embedding: z.union([z.array(z.number()), z.string()]).meta({
          description: 'Numbers, or for `base64` the same as little-endian 32-bit floats.',
        }),
      }),
    ),
    model: z.string(),
    usage,
  })
  .meta({ id: 'EmbeddingList' });

export type EmbeddingList = z.output<typeof embeddingBody>;

export const embedding: Task<EmbeddingRequest> = {
  name: 'embedding',
  version: 1,
  description: 'Turns texts into vectors, as the OpenAI API does.',
  input: embeddingRequest,
  output: embeddingBody,
  cacheable: () => true,
  cacheInput: (request) => request,
  replay: () => [],

  async answer(request, { models }) {
    const answer = await models.embed(request);
    const body = encodeEmbeddings(answer, request.encoding_format ?? 'float');
    return { body, usage: models.usage, complete: true };
  },
};
