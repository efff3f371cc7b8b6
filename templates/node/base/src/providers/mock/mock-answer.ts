import { hash } from 'node:crypto';
import type { ChatCompletion, ChatRequest } from '../../inference/chat-completion.js';
import { countTokens } from './mock-embedding.js';
import { instanceOf, type JsonSchema } from './schema-instance.js';

interface Tool {
  readonly function?: { readonly name?: string; readonly parameters?: JsonSchema };
}

/** The answer to a conversation: a tool call, an instance of a schema, or an echo. */
export function answerChat(request: ChatRequest): ChatCompletion {
  const tool = toolToCall(request);
  const text = answerText(request);
  const message =
    tool === undefined ? { content: text } : { content: null, tool_calls: [call(tool, request)] };
  const prompt = request.messages.reduce(
    (sum, { content }) => sum + countTokens(textOf(content)),
    0,
  );
  const completion = countTokens(tool === undefined ? text : JSON.stringify(message.tool_calls));
  return {
    id: `chatcmpl-${fingerprint(request)}`,
    object: 'chat.completion',
    created: 0,
    model: request.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', ...message, refusal: null },
        logprobs: null,
        finish_reason: tool === undefined ? 'stop' : 'tool_calls',
      },
    ],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
    },
  };
}

function answerText({ messages, response_format: format }: ChatRequest): string {
  const echo = `Echo: ${textOf(messages.findLast(({ role }) => role === 'user')?.content)}`;
  if (format?.type === 'json_object') return JSON.stringify({ echo });
  if (format?.type !== 'json_schema') return echo;
  const { schema } = (format.json_schema ?? {}) as { schema?: JsonSchema };
  return JSON.stringify(instanceOf(schema ?? {}, echo));
}

/** The tool that was asked for, else the first one; none once a tool has answered. */
function toolToCall({ messages, tools, tool_choice: choice }: ChatRequest): Tool | undefined {
  if (choice === 'none' || messages.at(-1)?.role === 'tool') return undefined;
  const offered = (tools ?? []) as readonly Tool[];
  const wanted = (choice as Tool | null | undefined)?.function?.name;
  return offered.find((tool) => tool.function?.name === wanted) ?? offered[0];
}

function call(tool: Tool, request: ChatRequest) {
  const { name = '', parameters = {} } = tool.function ?? {};
  const echo = textOf(request.messages.findLast(({ role }) => role === 'user')?.content);
  return {
    id: `call_${fingerprint([request, name])}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(instanceOf(parameters, echo)) },
  };
}

/** Content is text, or a list of parts of which some are text. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts = content as readonly ({ readonly text?: unknown } | null)[];
  return parts.flatMap((part) => (typeof part?.text === 'string' ? [part.text] : [])).join(' ');
}

function fingerprint(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'hex').slice(0, 24);
}
