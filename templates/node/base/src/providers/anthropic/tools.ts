import type { ChatRequest } from '../../inference/chat-completion.js';
import { isRecord } from '../upstream-client.js';
import { toStrictSchema } from './strict-schema.js';
import { unsupported } from './unsupported.js';

type Fields = Record<string, unknown>;

interface ToolFields {
  readonly tools?: readonly Fields[];
  readonly tool_choice?: Fields;
}

/** The fields of a request that have to do with tools. */
export function toToolFields(request: ChatRequest): ToolFields {
  const { tools, tool_choice: choice, parallel_tool_calls: parallel } = request;
  if (tools == null || tools.length === 0) return {};
  const toolChoice = toToolChoice(choice, parallel !== false);
  return {
    tools: tools.map(toTool),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
  };
}

/** A tool that is no function passes through: Anthropic has tools of its own, by their types. */
function toTool(tool: Fields): Fields {
  if (tool.type !== 'function' || !isRecord(tool.function)) return tool;
  const { name, description, parameters, strict } = tool.function;
  const schema = parameters ?? { type: 'object', properties: {} };
  const { cache_control } = tool;
  return strict === true
    ? { name, description, input_schema: toStrictSchema(schema), strict, cache_control }
    : { name, description, input_schema: schema, cache_control };
}

function toToolChoice(choice: unknown, isParallel: boolean): Fields | undefined {
  if (choice === 'none') return { type: 'none' };
  if (choice == null && isParallel) return undefined;
  const parallel = isParallel ? {} : { disable_parallel_tool_use: true };
  if (choice == null || choice === 'auto') return { type: 'auto', ...parallel };
  if (choice === 'required') return { type: 'any', ...parallel };
  if (isRecord(choice) && isRecord(choice.function)) {
    return { type: 'tool', name: choice.function.name, ...parallel };
  }
  throw unsupported('tool_choice', 'Anthropic knows no such `tool_choice`.');
}
