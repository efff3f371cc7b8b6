import type { ChatChunk } from '../inference/chat-chunks.js';
import type { ChatRequest } from '../inference/chat-completion.js';
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
 * What a stream has used about, that ended before the provider said it.
 *
 * @param received characters of the answer
 */
export function estimateUsage({ messages }: ChatRequest, received: number): Usage {
  const asked = messages.reduce((sum, { content }) => sum + contentLength(content), 0);
  const prompt_tokens = Math.ceil(asked / CHARACTERS_PER_TOKEN);
  const completion_tokens = Math.ceil(received / CHARACTERS_PER_TOKEN);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/** Characters of a message's text. Images and sound have no part in it, nor their encoding. */
function contentLength(content: unknown): number {
  return Array.isArray(content) ? sumOver(content, ({ text }) => text) : textLength(content);
}

/** Characters that a chunk adds to an answer: of its text, its reasoning, and the arguments of tools. */
export function chunkLength({ choices }: ChatChunk): number {
  let length = 0;
  for (const { delta } of choices) {
    if (delta == null) continue;
    length += textLength(delta.content) + textLength(delta.refusal);
    length += textLength(delta.reasoning_content ?? delta.reasoning);
    if (Array.isArray(delta.tool_calls)) length += sumOver(delta.tool_calls, argumentsOf);
  }
  return length;
}

type Fields = Readonly<Record<string, unknown>>;

function argumentsOf({ function: called }: Fields): unknown {
  return (called as Fields | null | undefined)?.arguments;
}

function sumOver(parts: readonly unknown[], textOf: (part: Fields) => unknown): number {
  return parts.reduce<number>((sum, part) => sum + textLength(textOf((part ?? {}) as Fields)), 0);
}

function textLength(text: unknown): number {
  return typeof text === 'string' ? text.length : 0;
}
