import type { ChatRequest } from '../../inference/chat-completion.js';
import { toJson } from '../../json.js';
import { isRecord } from '../upstream-client.js';
import { toConversation } from './conversation.js';
import { toStrictSchema } from './strict-schema.js';
import { toToolFields } from './tools.js';
import { unsupported } from './unsupported.js';

type Fields = Record<string, unknown>;

/** Anthropic's API wants a limit. Thinking counts towards it. */
const DEFAULT_MAX_TOKENS = 16_384;

/** What Anthropic's API has nothing for, each with the value that asks for nothing, as JSON. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  n: '1',
  logprobs: 'false',
  top_logprobs: '0',
  logit_bias: '{}',
  frequency_penalty: '0',
  presence_penalty: '0',
  modalities: '["text"]',
  audio: 'null',
  verbosity: '"medium"',
  functions: '[]',
  function_call: '"none"',
  web_search_options: 'null',
};

/** Fields that are translated, and mere hints and bookkeeping of OpenAI's, which change no answer. */
const NOT_PASSED_ON = new Set([
  ...['messages', 'model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens'],
  ...['stop', 'temperature', 'top_p', 'tools', 'tool_choice', 'parallel_tool_calls', 'user'],
  ...['safety_identifier', 'reasoning_effort', 'response_format', 'seed', 'store', 'metadata'],
  ...['prediction', 'service_tier', 'moderation'],
  ...['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'],
]);

/** The efforts of OpenAI's that Anthropic's API does not have. Its least is `low`. */
const LESS_THAN_LOW: readonly unknown[] = ['none', 'minimal'];

/**
 * Anthropic's form of a request: https://platform.claude.com/docs/en/api/messages/create
 * Fields that OpenAI's API does not have pass through, so that `thinking` or `top_k` can be said.
 *
 * @throws {UpstreamError} 400 when the request asks for what Anthropic's API does not have
 */
export function toMessagesRequest(request: ChatRequest): Fields {
  const { system, messages } = toConversation(request.messages);
  const userId = request.safety_identifier ?? request.user;
  return {
    ...passedOn(request),
    model: request.model,
    max_tokens: request.max_completion_tokens ?? request.max_tokens ?? DEFAULT_MAX_TOKENS,
    ...(system.length === 0 ? {} : { system }),
    messages,
    ...toToolFields(request),
    ...toSampling(request),
    ...toStopSequences(request.stop),
    ...toOutputConfig(request),
    ...(userId == null ? {} : { metadata: { user_id: userId } }),
    ...(request.stream === true ? { stream: true } : {}),
  };
}

function passedOn(request: ChatRequest): Fields {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(request)) {
    if (value == null || NOT_PASSED_ON.has(name)) continue;
    const neutral = UNSUPPORTED[name];
    if (neutral === undefined) fields[name] = value;
    else if (toJson(value) !== neutral) {
      throw unsupported(name, `Anthropic's API does not have \`${name}\`.`);
    }
  }
  return fields;
}

/** The default, 1, is not said: newer models take no other, and the API's newer version not even that. */
function toSampling({ temperature, top_p: topP }: ChatRequest): Fields {
  // OpenAI's temperatures go up to 2.
  const capped = Math.min(temperature ?? 1, 1);
  return {
    ...(capped === 1 ? {} : { temperature: capped }),
    ...(topP == null || topP === 1 ? {} : { top_p: topP }),
  };
}

function toStopSequences(stop: unknown): Fields {
  const sequences = [stop ?? []].flat();
  return sequences.length === 0 ? {} : { stop_sequences: sequences };
}

function toOutputConfig({ reasoning_effort: effort, response_format }: ChatRequest): Fields {
  const format = toOutputFormat(response_format);
  if (effort == null && format === undefined) return {};
  return {
    output_config: {
      ...(effort == null ? {} : { effort: LESS_THAN_LOW.includes(effort) ? 'low' : effort }),
      ...(format === undefined ? {} : { format }),
    },
  };
}

function toOutputFormat(format: ChatRequest['response_format']): Fields | undefined {
  if (format == null || format.type === 'text') return undefined;
  const { json_schema: named } = format;
  if (format.type === 'json_schema' && isRecord(named)) {
    return { type: 'json_schema', schema: toStrictSchema(named.schema) };
  }
  throw unsupported(
    'response_format',
    'Anthropic writes JSON by a schema only: use the response format "json_schema".',
  );
}
