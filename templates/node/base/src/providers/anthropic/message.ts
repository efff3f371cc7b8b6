import type { ChatCompletion } from '../../inference/chat-completion.js';
import { toJson } from '../../json.js';
import { isRecord } from '../upstream-client.js';
import type { Block } from './content-blocks.js';

/** Counts of tokens. Those of a stream come in parts, each with the sums so far. */
export interface MessageUsage {
  readonly input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly output_tokens_details?: { readonly thinking_tokens?: number } | null;
}

/** How an answer ended. */
export interface MessageEnd {
  readonly stop_reason?: string | null;
  readonly stop_details?: { readonly explanation?: string | null } | null;
}

/** Anthropic's form of an answer: https://platform.claude.com/docs/en/api/messages/create */
export interface Message extends MessageEnd {
  readonly id: string;
  readonly model: string;
  readonly content: readonly Block[];
  readonly usage: MessageUsage;
}

export function isMessage(value: unknown): value is Message {
  if (!isRecord(value) || !isRecord(value.usage) || !Array.isArray(value.content)) return false;
  return value.content.every(isRecord);
}

export function toCompletion(message: Message): ChatCompletion {
  const { content } = message;
  const thoughts = joinTexts(content, 'thinking', 'thinking');
  const calls = content.filter(({ type }) => type === 'tool_use').map(toToolCall);
  return {
    id: message.id,
    object: 'chat.completion',
    created: now(),
    model: message.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: joinTexts(content, 'text', 'text'),
          refusal: refusalOf(message),
          ...(thoughts === null ? {} : { reasoning_content: thoughts }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishReasonOf(message),
      },
    ],
    usage: toUsage(message.usage),
  };
}

export function now(): number {
  return Math.floor(Date.now() / 1_000);
}

function joinTexts(content: readonly Block[], type: string, field: string): string | null {
  const texts = content.filter((block) => block.type === type).map((block) => block[field]);
  return texts.join('') || null;
}

function toToolCall({ id, name, input }: Block) {
  return { id, type: 'function', function: { name, arguments: toJson(input ?? {}) } };
}

const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

/** Anything else (`max_tokens`, `model_context_window_exceeded`, `pause_turn`) has stopped before the answer was done. */
export function finishReasonOf({ stop_reason: reason }: MessageEnd): string {
  return FINISH_REASONS[reason ?? ''] ?? 'length';
}

export function refusalOf({ stop_reason: reason, stop_details: details }: MessageEnd) {
  if (reason !== 'refusal') return null;
  return details?.explanation ?? 'The model declined to answer.';
}

/** Anthropic counts what it wrote to its cache, and what it read from there, apart from the rest of the prompt. */
export function toUsage(usage: MessageUsage) {
  const cached = usage.cache_read_input_tokens ?? 0;
  const prompt = (usage.input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0) + cached;
  const completion = usage.output_tokens ?? 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: {
      reasoning_tokens: usage.output_tokens_details?.thinking_tokens ?? 0,
    },
  };
}
