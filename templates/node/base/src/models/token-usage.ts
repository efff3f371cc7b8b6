import type { ChatChunk } from '../inference/chat-chunks.js';
import type { ChatCompletion, ChatRequest } from '../inference/chat-completion.js';
import type { EmbeddingRequest } from '../inference/embedding.js';
import type { Usage } from '../inference/task.js';

const CHARACTERS_PER_TOKEN = 4;

/**
 * What a provider says of usage, where that can be believed; null elsewhere. Embeddings have no completion tokens.
 * Checked by hand, as all that providers answer: a schema costs many times as much.
 */
export function readUsage(counted: unknown): Usage | null {
  if (typeof counted !== 'object' || counted === null) return null;
  const fields = counted as Partial<Record<keyof Usage, unknown>>;
  const { prompt_tokens, completion_tokens = 0 } = fields;
  if (!isCount(prompt_tokens) || !isCount(completion_tokens)) return null;
  const { total_tokens = prompt_tokens + completion_tokens } = fields;
  return isCount(total_tokens) ? { prompt_tokens, completion_tokens, total_tokens } : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    prompt_tokens: a.prompt_tokens + b.prompt_tokens,
    completion_tokens: a.completion_tokens + b.completion_tokens,
    total_tokens: a.total_tokens + b.total_tokens,
  };
}

/**
 * What a call has used about, where its provider did not say: some never do, and none does of a stream that is cut.
 *
 * @param asked characters of the request
 * @param received characters of the answer
 */
export function estimateUsage(asked: number, received: number): Usage {
  const prompt_tokens = Math.ceil(asked / CHARACTERS_PER_TOKEN);
  const completion_tokens = Math.ceil(received / CHARACTERS_PER_TOKEN);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/** Characters that a model is asked to read. */
export function chatLength({ messages }: ChatRequest): number {
  return messages.reduce((sum, { content }) => sum + contentLength(content), 0);
}

/** The same of texts to embed, whether they came as text or as tokens. */
export function inputLength(input: EmbeddingRequest['input']): number {
  if (typeof input === 'string') return input.length;
  const items: readonly (string | number | readonly number[])[] = input;
  return items.reduce<number>((sum, item) => {
    if (typeof item === 'string') return sum + item.length;
    return sum + CHARACTERS_PER_TOKEN * (Array.isArray(item) ? item.length : 1);
  }, 0);
}

/** Characters that a model has written. */
export function completionLength({ choices }: ChatCompletion): number {
  return choices.reduce((sum, { message }) => sum + partLength(message), 0);
}

/** Characters of a message's text. Images and sound have no part in it, nor their encoding. */
function contentLength(content: unknown): number {
  return Array.isArray(content) ? sumOver(content, ({ text }) => text) : textLength(content);
}

/** Characters that a chunk adds to an answer: of its text, its reasoning, and the arguments of tools. */
export function chunkLength({ choices }: ChatChunk): number {
  let length = 0;
  for (const { delta } of choices) if (delta != null) length += partLength(delta);
  return length;
}

type Fields = Readonly<Record<string, unknown>>;

function partLength(part: Fields): number {
  const length =
    textLength(part.content) +
    textLength(part.refusal) +
    textLength(part.reasoning_content ?? part.reasoning);
  return Array.isArray(part.tool_calls) ? length + sumOver(part.tool_calls, argumentsOf) : length;
}

function argumentsOf({ function: called }: Fields): unknown {
  return (called as Fields | null | undefined)?.arguments;
}

function sumOver(parts: readonly unknown[], textOf: (part: Fields) => unknown): number {
  return parts.reduce<number>((sum, part) => sum + textLength(textOf((part ?? {}) as Fields)), 0);
}

function textLength(text: unknown): number {
  return typeof text === 'string' ? text.length : 0;
}
