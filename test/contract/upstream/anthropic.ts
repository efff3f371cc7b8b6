import { exampleOf } from './example-of.js';
import type { Script } from './scene.js';
import { answers, type StreamOptions } from './scripts.js';

/** Bodies and scripts of Anthropic's Messages API. */

export interface TextBlock {
  type: 'text';
  text: string;
}

export interface ToolUseBlock {
  type: 'tool_use';
  id: string;
  name: string;
  input: unknown;
}

export interface ThinkingBlock {
  type: 'thinking';
  thinking: string;
  signature: string;
}

export type Block = TextBlock | ToolUseBlock | ThinkingBlock;

export const text = (words: string): TextBlock => ({ type: 'text', text: words });

export const weatherUse: ToolUseBlock = {
  type: 'tool_use',
  id: 'toolu_upstream_1',
  name: 'get_weather',
  input: { city: 'Reykjavík' },
};

/** The same numbers as those of the OpenAI-compatible upstream. */
const anthropicUsage = { input_tokens: 11, output_tokens: 7 };

export interface MessageParts {
  content?: readonly Block[];
  stop_reason?: string;
  usage?: Record<string, number>;
}

/** A whole answer. */
export function message(parts: MessageParts = {}): Record<string, unknown> {
  return {
    id: 'msg_upstream',
    type: 'message',
    role: 'assistant',
    model: 'claude-upstream-2026',
    content: parts.content ?? [text('Hello from Claude.')],
    stop_reason: parts.stop_reason ?? 'end_turn',
    stop_sequence: null,
    usage: parts.usage ?? anthropicUsage,
  };
}

type StreamEvent = Record<string, unknown> & { type: string };

/** An answer as the events of a stream: a text word by word, the input of a tool in pieces. */
export function messageEvents(parts: MessageParts = {}): StreamEvent[] {
  const { output_tokens, ...input } = parts.usage ?? anthropicUsage;
  const whole = message(parts);
  return [
    {
      type: 'message_start',
      message: {
        ...whole,
        content: [],
        stop_reason: null,
        usage: { ...input, output_tokens: 1 },
      },
    },
    { type: 'ping' },
    ...(whole['content'] as readonly Block[]).flatMap(blockEvents),
    {
      type: 'message_delta',
      delta: { stop_reason: whole['stop_reason'], stop_sequence: null },
      usage: { output_tokens },
    },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: Block, index: number): StreamEvent[] {
  return [
    { type: 'content_block_start', index, content_block: emptied(block) },
    ...deltas(block).map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function emptied(block: Block): Block {
  if (block.type === 'text') return { ...block, text: '' };
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' };
  return { ...block, input: {} };
}

function deltas(block: Block): Record<string, unknown>[] {
  if (block.type === 'text') {
    return block.text.split(/(?<= )/u).map((word) => ({ type: 'text_delta', text: word }));
  }
  if (block.type === 'thinking') {
    return [
      { type: 'thinking_delta', thinking: block.thinking },
      { type: 'signature_delta', signature: block.signature },
    ];
  }
  // The first piece is empty, as Anthropic's is.
  const json = JSON.stringify(block.input);
  return ['', json.slice(0, 7), json.slice(7)].map((piece) => ({
    type: 'input_json_delta',
    partial_json: piece,
  }));
}

/** Streams events, named as Anthropic names them. */
export function streamsEvents(
  events: readonly StreamEvent[],
  { gates = {}, ending = 'done' }: Pick<StreamOptions, 'gates' | 'ending'> = {},
): Script {
  return async (call) => {
    call.head(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const [index, event] of events.entries()) {
      const held = gates[index];
      if (held !== undefined) await call.until(held);
      await call.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    if (ending === 'never') await call.abandonment();
    if (ending === 'broken') {
      // What was written shall arrive before the connection breaks.
      await call.wait(50);
      call.destroy();
    } else call.end();
  };
}

/** Answers a message, as JSON or as a stream, whichever was asked for. */
export function says(parts: MessageParts = {}): Script {
  return (call) => {
    const script =
      call.body['stream'] === true ? streamsEvents(messageEvents(parts)) : answers(message(parts));
    return script(call);
  };
}

/** What Claude would answer to whatever was asked: a text, a forced tool, or structured output. */
export const answersAsClaude: Script = (call) => says(plausibleParts(call.body))(call);

function plausibleParts(body: Record<string, unknown>): MessageParts {
  const choice = body['tool_choice'] as { type?: string; name?: string } | undefined;
  const tools = (body['tools'] ?? []) as { name: string; input_schema?: unknown }[];
  const forced =
    choice?.type === 'any' ? tools[0] : tools.find(({ name }) => name === choice?.name);
  if (forced !== undefined) {
    const input = exampleOf(forced.input_schema);
    return {
      content: [{ ...weatherUse, name: forced.name, input }],
      stop_reason: 'tool_use',
    };
  }
  const config = body['output_config'] as { format?: { schema?: unknown } } | undefined;
  const format = config?.format ?? (body['output_format'] as { schema?: unknown } | undefined);
  if (format?.schema === undefined) return {};
  return { content: [text(JSON.stringify(exampleOf(format.schema)))] };
}

/** Answers an error as Anthropic does. */
export function failsAsClaude(
  status: number,
  type: string,
  words = 'Claude says no.',
  headers: Record<string, string> = {},
): Script {
  return answers(errorEvent(type, words), { status, headers });
}

/** An error, as a body or as an event of a stream. */
export function errorEvent(type: string, words: string): StreamEvent {
  return { type: 'error', error: { type, message: words } };
}
