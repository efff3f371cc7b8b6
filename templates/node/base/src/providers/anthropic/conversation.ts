import type { ChatRequest } from '../../inference/chat-completion.js';
import { parseJson } from '../../json.js';
import { isRecord } from '../upstream-client.js';
import { toBlocks, type Block } from './content-blocks.js';
import { unsupported } from './unsupported.js';

type Message = ChatRequest['messages'][number];

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

export interface Conversation {
  /** What the system and the developer say. It stands before the turns, wherever it stood among the messages. */
  readonly system: readonly Block[];
  /** By turns: consecutive messages of one side are one turn, and results of tools are the user's. */
  readonly messages: readonly Turn[];
}

/** @throws {UpstreamError} 400 when a message holds something that Anthropic's API has nothing for */
export function toConversation(messages: readonly Message[]): Conversation {
  const system: Block[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`;
    const side = SIDES.get(message.role);
    if (side === undefined) {
      throw unsupported(
        `${path}.role`,
        `Anthropic knows no messages of the role "${message.role}".`,
      );
    }
    const blocks = side.blocks(message, path);
    if (side.role === 'system') system.push(...blocks);
    else addTurn(turns, side.role, blocks);
  }
  return { system, messages: turns };
}

function addTurn(turns: Turn[], role: Turn['role'], blocks: readonly Block[]): void {
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...blocks);
  else if (blocks.length > 0) turns.push({ role, content: [...blocks] });
}

interface Side {
  readonly role: 'system' | Turn['role'];
  readonly blocks: (message: Message, path: string) => readonly Block[];
}

const contentOf: Side['blocks'] = ({ content }, path) => toBlocks(content, `${path}.content`);

const SIDES: ReadonlyMap<string, Side> = new Map<string, Side>([
  ['system', { role: 'system', blocks: contentOf }],
  ['developer', { role: 'system', blocks: contentOf }],
  ['user', { role: 'user', blocks: contentOf }],
  ['assistant', { role: 'assistant', blocks: assistantBlocks }],
  ['tool', { role: 'user', blocks: toolResult }],
]);

function assistantBlocks(message: Message, path: string): readonly Block[] {
  const { tool_calls: calls, function_call: call } = message;
  if (call != null) throw unsupported(`${path}.function_call`, 'Use `tool_calls`.');
  return [
    ...contentOf(message, path),
    ...toBlocks(message.refusal, `${path}.refusal`),
    ...(Array.isArray(calls) ? calls : []).map((one: unknown, index) =>
      toolUse(one, `${path}.tool_calls.${index}`),
    ),
  ];
}

function toolUse(call: unknown, path: string): Block {
  const { id, function: called } = isRecord(call) ? call : {};
  if (!isRecord(called)) throw unsupported(path, 'Anthropic knows no tool calls but of functions.');
  const input = parseArguments(called.arguments, `${path}.function.arguments`);
  return { type: 'tool_use', id, name: called.name, input };
}

function parseArguments(text: unknown, path: string): object {
  if (text === undefined || text === '') return {};
  try {
    const input = typeof text === 'string' ? parseJson(text) : text;
    if (isRecord(input) && !Array.isArray(input)) return input;
  } catch {
    // Said below, as for any other text that holds no object.
  }
  throw unsupported(path, `${path} must be a JSON object.`);
}

function toolResult({ content, tool_call_id: id }: Message, path: string): readonly Block[] {
  return [{ type: 'tool_result', tool_use_id: id, content: toBlocks(content, `${path}.content`) }];
}
