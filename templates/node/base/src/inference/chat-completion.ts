import { z } from 'zod';
import { CompletionAssembler, completionToChunks, type ChatChunk } from './chat-chunks.js';
import type { Delta, Task } from './task.js';
import { parseJson, toJson } from '../json.js';
import type { ChatChunks, Json, StreamedChunk } from '../providers/provider.js';
import { mapStream } from '../stream.js';

const message = z
  .looseObject({ role: z.string().min(1) })
  .meta({ id: 'ChatMessage', description: 'A message, as in the OpenAI API.' });

/**
 * The part of OpenAI's request that this service reads. Every other field passes through to the provider untouched.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export const chatRequest = z
  .looseObject({
    model: z.string().min(1).meta({ description: 'An alias of `GET /v1/models`.' }),
    messages: z.array(message).min(1),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    temperature: z.number().nullish(),
    tools: z.array(z.looseObject({ type: z.string() })).nullish(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
  })
  .meta({
    id: 'ChatCompletionRequest',
    examples: [{ model: 'default', messages: [{ role: 'user', content: 'Say hello.' }] }],
  });

export type ChatRequest = z.output<typeof chatRequest>;

const choice = z.looseObject({
  index: z.number().int(),
  message: z.looseObject({
    role: z.string(),
    content: z.string().nullish(),
    refusal: z.string().nullish(),
  }),
  finish_reason: z.string().nullish(),
});

export const usage = z
  .looseObject({
    prompt_tokens: z.number(),
    completion_tokens: z.number().optional(),
    total_tokens: z.number(),
  })
  .meta({ id: 'Usage' });

export const chatCompletionBody = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.number().int(),
    model: z.string(),
    choices: z.array(choice),
    usage: usage.nullish(),
  })
  .meta({ id: 'ChatCompletion' });

export type ChatCompletion = z.output<typeof chatCompletionBody>;

/** Answers that ended in any other way were refused, or cut short by a limit. */
const WHOLE_ANSWERS = new Set(['stop', 'tool_calls', 'function_call']);

export const chatCompletion: Task<ChatRequest> = {
  name: 'chat.completion',
  version: 1,
  description: 'Answers a conversation, as the OpenAI API does.',
  input: chatRequest,
  output: chatCompletionBody,

  cacheable: ({ temperature }) => temperature === 0,

  cacheInput: (request) => {
    const { stream, stream_options, ...input } = request;
    return input;
  },

  async answer(request, { models }) {
    const { text, value } = await models.chat(request);
    return { body: text, usage: models.usage, complete: isComplete(value) };
  },

  stream(request, { models }) {
    const assembler = new CompletionAssembler();
    const deltaOf = (chunk: StreamedChunk): Delta => {
      if (chunk.words === undefined) {
        assembler.add(chunk.value);
        return toDelta(chunk);
      }
      assembler.addWords(chunk.words, chunk.index);
      return chunk;
    };
    const deltasOf = (chunks: ChatChunks) => chunks.map(deltaOf);
    const outcome = () => {
      const completion = assembler.finish();
      return { body: toJson(completion), usage: models.usage, complete: isComplete(completion) };
    };
    return mapStream(models.chatStream(request), deltasOf, outcome);
  },

  *replay({ body }) {
    for (const value of completionToChunks(parseJson(body) as ChatCompletion)) {
      yield toDelta({ text: toJson(value), value });
    }
  },
};

function isComplete({ choices }: ChatCompletion): boolean {
  return (
    choices.length > 0 &&
    choices.every(
      ({ finish_reason: reason, message: { refusal } }) =>
        WHOLE_ANSWERS.has(reason ?? '') && (refusal ?? '') === '',
    )
  );
}

/**
 * Shows a stream of chunks as the caller asked for it: with `include_usage`, `usage: null` on each chunk and a last one
 * with the usage and no choices; otherwise no usage at all. Providers are always asked for usage, and some put it on
 * the last ordinary chunk.
 */
export function createChunkPresenter(request: Pick<ChatRequest, 'stream_options'>): {
  present(delta: Delta): string | null;
  end(): string | null;
} {
  const includeUsage = request.stream_options?.include_usage === true;
  const presentUncounted = includeUsage ? withNullUsage : withoutNullUsage;
  let usageChunk: object | null = null;
  return {
    present({ text, parsed }) {
      if (parsed === undefined) return presentUncounted(text);
      const { usage: counted, ...chunk } = parsed as ChatChunk;
      if (counted != null) usageChunk = { ...chunk, choices: [], usage: counted };
      if (counted != null && chunk.choices.length === 0) return null;
      return toJson(includeUsage ? { ...chunk, usage: null } : chunk);
    },
    end: () => (includeUsage && usageChunk !== null ? toJson(usageChunk) : null),
  };
}

/** How a chunk without usage ends, as OpenAI writes it. */
const NULL_USAGE = ',"usage":null}';

/** Where the text shows that there is no usage in a chunk, it is all that is to be known of it. */
function toDelta({ text, value }: Json<ChatChunk>): Delta {
  const { usage: counted } = value;
  const isUncounted = counted === null ? text.endsWith(NULL_USAGE) : counted === undefined;
  return isUncounted && text.endsWith('}') ? { text } : { text, parsed: value };
}

function withNullUsage(text: string): string {
  return text.endsWith(NULL_USAGE) ? text : text.slice(0, -1) + NULL_USAGE;
}

function withoutNullUsage(text: string): string {
  return text.endsWith(NULL_USAGE) ? `${text.slice(0, -NULL_USAGE.length)}}` : text;
}
