import type { ChatChunk } from '../../inference/chat-chunks.js';
import { toJson } from '../../json.js';
import type { Json } from '../provider.js';
import { isRecord, parseAnswer } from '../upstream-client.js';
import { cutStream } from '../upstream-error.js';
import type { StreamReader } from '../upstream-stream.js';
import { streamedFailure } from './anthropic-problem.js';
import type { Block } from './content-blocks.js';
import {
  finishReasonOf,
  now,
  refusalOf,
  toUsage,
  type Message,
  type MessageEnd,
  type MessageUsage,
} from './message.js';

/** An event of https://platform.claude.com/docs/en/build-with-claude/streaming, with what is read of it. */
interface StreamEvent {
  readonly type: string;
  readonly index?: number;
  readonly message?: Message;
  readonly content_block?: Block;
  readonly delta?: Block & MessageEnd;
  readonly usage?: MessageUsage;
}

interface ToolCall {
  /** Its place among the tool calls of the answer. */
  readonly index: number;
  hasArguments: boolean;
}

type Chunks = readonly Json<ChatChunk>[];

const NOTHING: Chunks = [];

/** Makes OpenAI's chunks of the events of Anthropic's stream. */
export class MessageStreamReader implements StreamReader<Json<ChatChunk>> {
  #envelope: Omit<ChatChunk, 'choices'> | undefined;
  #usage: MessageUsage = {};
  #end: MessageEnd | undefined;
  #isComplete = false;
  /** By the places of their blocks. */
  readonly #toolCalls = new Map<number, ToolCall>();

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Kinds of events that are not known are passed over: Anthropic adds new ones. */
  read(data: string): Chunks {
    const { value: event } = parseAnswer(data, isEvent);
    switch (event.type) {
      case 'message_start':
        return this.#startMessage(event);
      case 'content_block_start':
        return this.#startBlock(event);
      case 'content_block_delta':
        return this.#readDelta(event);
      case 'content_block_stop':
        return this.#stopBlock(event);
      case 'message_delta':
        return this.#noteEnd(event);
      case 'message_stop':
        return this.#stopMessage();
      case 'error':
        throw streamedFailure(event);
      default:
        return NOTHING;
    }
  }

  #startMessage({ message }: StreamEvent): Chunks {
    if (message === undefined) throw cutStream();
    const { id, model, usage } = message;
    this.#envelope = { id, object: 'chat.completion.chunk', created: now(), model };
    this.#usage = usage;
    return this.#delta({ role: 'assistant', content: null, refusal: null });
  }

  #startBlock({ index = 0, content_block: block }: StreamEvent): Chunks {
    if (block?.type !== 'tool_use') return NOTHING;
    const call = { index: this.#toolCalls.size, hasArguments: false };
    this.#toolCalls.set(index, call);
    const called = { name: block.name, arguments: '' };
    return this.#delta({
      tool_calls: [{ index: call.index, id: block.id, type: 'function', function: called }],
    });
  }

  #readDelta({ index = 0, delta }: StreamEvent): Chunks {
    switch (delta?.type) {
      case 'text_delta':
        return this.#delta({ content: delta.text });
      case 'thinking_delta':
        return delta.thinking === '' ? NOTHING : this.#delta({ reasoning_content: delta.thinking });
      case 'input_json_delta':
        return this.#readArguments(index, delta.partial_json);
      default:
        return NOTHING;
    }
  }

  /** Tools that run at Anthropic's have arguments too, which are no concern of the caller's. */
  #readArguments(block: number, text: unknown): Chunks {
    const call = this.#toolCalls.get(block);
    if (call === undefined || text === '') return NOTHING;
    call.hasArguments = true;
    return this.#delta({ tool_calls: [{ index: call.index, function: { arguments: text } }] });
  }

  /** A call without arguments streams none, where OpenAI's has an empty object. */
  #stopBlock({ index = 0 }: StreamEvent): Chunks {
    return this.#toolCalls.get(index)?.hasArguments === false
      ? this.#readArguments(index, '{}')
      : NOTHING;
  }

  #noteEnd({ delta, usage }: StreamEvent): Chunks {
    this.#end = delta;
    const counted = Object.entries(usage ?? {}).filter(([, count]) => count !== null);
    this.#usage = { ...this.#usage, ...Object.fromEntries(counted) };
    return NOTHING;
  }

  /** Only now is it sure that the answer is whole, so only now is said how it ended. */
  #stopMessage(): Chunks {
    if (this.#end === undefined) throw cutStream();
    this.#isComplete = true;
    const refusal = refusalOf(this.#end);
    return [
      ...this.#delta(refusal === null ? {} : { refusal }, finishReasonOf(this.#end)),
      this.#chunk({ choices: [], usage: toUsage(this.#usage) }),
    ];
  }

  #delta(delta: Record<string, unknown>, finishReason: string | null = null): Chunks {
    const choice = { index: 0, delta, logprobs: null, finish_reason: finishReason };
    return [this.#chunk({ choices: [choice] })];
  }

  #chunk(fields: Pick<ChatChunk, 'choices' | 'usage'>): Json<ChatChunk> {
    if (this.#envelope === undefined) throw cutStream();
    const value = { ...this.#envelope, ...fields } as ChatChunk;
    return { value, text: toJson(value) };
  }
}

function isEvent(value: unknown): value is StreamEvent {
  return isRecord(value) && typeof value.type === 'string';
}
