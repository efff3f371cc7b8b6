/** Bodies as an OpenAI-compatible server writes them. */

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export const usage: Usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

export interface CompletionParts {
  content?: string | null;
  finish_reason?: string;
  tool_calls?: unknown;
  refusal?: string;
}

/** A chat completion. `model` is what the upstream calls itself, never the name that was asked for. */
export function completion(parts: CompletionParts = {}): Record<string, unknown> {
  const message = {
    role: 'assistant',
    content: parts.content === undefined ? 'Hello from upstream.' : parts.content,
    refusal: parts.refusal ?? null,
    ...(parts.tool_calls === undefined ? {} : { tool_calls: parts.tool_calls }),
  };
  return {
    id: 'chatcmpl-upstream',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'upstream-model-2026',
    choices: [{ index: 0, message, logprobs: null, finish_reason: parts.finish_reason ?? 'stop' }],
    usage,
    system_fingerprint: 'fp_upstream',
  };
}

const chunkBase = {
  id: 'chatcmpl-upstream',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'upstream-model-2026',
  system_fingerprint: 'fp_upstream',
};

/** One chunk of a streamed chat completion. */
export function chunk(
  delta: Record<string, unknown>,
  finishReason: string | null = null,
): Record<string, unknown> {
  return {
    ...chunkBase,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  };
}

/** The last chunk that carries the usage, as OpenAI sends it for `include_usage`. */
export function usageChunk(): Record<string, unknown> {
  return { ...chunkBase, choices: [], usage };
}

/** The chunks of a text: the role, a chunk for each word, the end. Without usage. */
export function textChunks(
  words: readonly string[],
  finishReason = 'stop',
): Record<string, unknown>[] {
  return [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...words.map((content) => chunk({ content })),
    chunk({}, finishReason),
  ];
}

export const toolCalls = [
  {
    id: 'call_upstream_1',
    type: 'function',
    function: { name: 'get_weather', arguments: '{"city":"Reykjavík"}' },
  },
];

/** The chunks of a tool call, its arguments in pieces, as OpenAI streams them. */
export function toolCallChunks(): Record<string, unknown>[] {
  const piece = (text: string) =>
    chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] });
  return [
    chunk({
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          index: 0,
          id: 'call_upstream_1',
          type: 'function',
          function: { name: 'get_weather', arguments: '' },
        },
      ],
    }),
    piece('{"city"'),
    piece(':"Reykja'),
    piece('vík"}'),
    chunk({}, 'tool_calls'),
  ];
}

/** Numbers that a 32-bit float holds exactly or nearly, so that both encodings can be compared. */
export const vector = [0.25, -0.5, 0.0078125, 1.5, -0.123456789, 3.0e-5];

export function base64Of(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

export function numbersOf(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

export function embeddingList(embeddings: readonly unknown[]): Record<string, unknown> {
  return {
    object: 'list',
    data: embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    model: 'upstream-embedding-2026',
    usage: { prompt_tokens: 5, total_tokens: 5 },
  };
}

export function errorBody(
  message: string,
  type: string,
  code: string | null = null,
  param: string | null = null,
): Record<string, unknown> {
  return { error: { message, type, param, code } };
}
