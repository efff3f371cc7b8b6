import type { ChatCompletion } from './chat-completion.js';

type Fields = Record<string, unknown>;

export interface ChatChunkChoice {
  readonly index: number;
  readonly delta?: Fields | null;
  readonly finish_reason?: string | null;
  readonly [field: string]: unknown;
}

/** A chunk of a streamed completion: https://platform.openai.com/docs/api-reference/chat-streaming */
export interface ChatChunk {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChatChunkChoice[];
  readonly usage?: Fields | null;
  readonly [field: string]: unknown;
}

/** Text that grows from delta to delta. Any other string of a delta (`role`, an `id`) stands for itself. */
const GROWING = new Set([
  ...['content', 'refusal', 'reasoning', 'reasoning_content', 'thinking', 'text', 'summary'],
  ...['arguments', 'data', 'transcript'],
]);

/** Makes of the chunks of a stream the completion that the same call would have answered without streaming. */
export class CompletionAssembler {
  readonly #envelope: Fields = {};
  readonly #choices = new Map<number, Assembled>();

  /** @param chunk the next one */
  add(chunk: ChatChunk): void {
    for (const key of Object.keys(chunk)) {
      if (key !== 'choices' && chunk[key] !== null) this.#envelope[key] = chunk[key];
    }
    for (const part of chunk.choices) addToChoice(this.#choice(part.index), part);
  }

  /** The next chunk, where it adds nothing else. */
  addWords(words: string, index = 0): void {
    const { message } = this.#choice(index);
    message.content = typeof message.content === 'string' ? message.content + words : words;
  }

  /** To be called once, after at least one chunk. */
  finish(): ChatCompletion {
    const choices = sortByIndex([...this.#choices.values()]).map(finishChoice);
    return { ...this.#envelope, object: 'chat.completion', choices } as ChatCompletion;
  }

  #choice(index: number): Assembled {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const message = { role: 'assistant', content: null };
    const choice = { index, message, logprobs: null, finish_reason: null };
    this.#choices.set(index, choice);
    return choice;
  }
}

/** A choice that grows. Only it and its message are changed in place: the parts belong to others too. */
type Assembled = Fields & { readonly message: Fields };

function addToChoice(choice: Assembled, part: ChatChunkChoice): void {
  for (const key of Object.keys(part)) {
    const value = part[key];
    if (key === 'delta') addToFields(choice.message, (value ?? {}) as Fields);
    else if (key === 'logprobs') choice[key] = mergeLogprobs(choice[key], value);
    else if (key !== 'finish_reason' || value != null) choice[key] = value;
  }
}

function addToFields(fields: Fields, delta: Fields): void {
  for (const key of Object.keys(delta)) fields[key] = mergeField(key, fields[key], delta[key]);
}

function mergeDelta(before: Fields, delta: Fields): Fields {
  const merged = { ...before };
  addToFields(merged, delta);
  return merged;
}

function mergeField(key: string, before: unknown, value: unknown): unknown {
  if (value === null || value === undefined) return before ?? null;
  if (Array.isArray(value)) return mergeList(before, value);
  if (typeof value === 'object') return mergeDelta((before ?? {}) as Fields, value as Fields);
  if (typeof value !== 'string' || typeof before !== 'string') return value;
  if (GROWING.has(key)) return before + value;
  // Some servers repeat an id or a name as an empty string.
  return value === '' ? before : value;
}

/** Tool calls come in pieces that name their place by `index`. */
function mergeList(before: unknown, parts: readonly unknown[]): unknown[] {
  const list = Array.isArray(before) ? [...(before as unknown[])] : [];
  for (const part of parts) {
    const place = isIndexed(part) ? list.findIndex((item) => hasIndex(item, part.index)) : -1;
    if (place < 0) list.push(part);
    else list[place] = mergeDelta(list[place] as Fields, part as Fields);
  }
  return list;
}

function hasIndex(item: unknown, index: number): boolean {
  return isIndexed(item) && item.index === index;
}

function finishChoice(choice: Fields): Fields {
  const message = Object.entries(choice.message as Fields).map(([key, value]) => [
    key,
    Array.isArray(value) && value.every(isIndexed) ? finishList(value) : value,
  ]);
  return { ...choice, message: Object.fromEntries(message) as Fields };
}

/** Puts the parts in order; the finished answer does not show their `index`. */
function finishList(parts: readonly Indexed[]): readonly Fields[] {
  return sortByIndex(parts).map(({ index, ...fields }) => fields);
}

function sortByIndex<Item extends Fields>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((a, b) => Number(a.index) - Number(b.index));
}

type Indexed = Fields & { readonly index: number };

function isIndexed(part: unknown): part is Indexed {
  return typeof part === 'object' && part !== null && 'index' in part;
}

function mergeLogprobs(before: unknown, part: unknown): unknown {
  return part == null ? (before ?? null) : mergeDelta((before ?? {}) as Fields, part as Fields);
}

/** The chunks in which a finished completion could have come: what it says, why it ended, what it used. */
export function* completionToChunks(completion: ChatCompletion): Generator<ChatChunk> {
  const { choices, usage, object, ...envelope } = completion;
  const chunk = (choice: ChatChunkChoice): ChatChunk => ({
    ...envelope,
    object: 'chat.completion.chunk',
    choices: [choice],
    usage: null,
  });
  for (const { message, finish_reason: finishReason, logprobs, index } of choices) {
    yield chunk({
      index,
      delta: toDelta(message),
      logprobs: logprobs ?? null,
      finish_reason: null,
    });
    yield chunk({ index, delta: {}, logprobs: null, finish_reason: finishReason ?? null });
  }
  if (usage != null) yield { ...chunk({ index: 0 }), choices: [], usage };
}

function toDelta(message: Fields): Fields {
  const calls = message.tool_calls;
  if (!Array.isArray(calls)) return message;
  return {
    ...message,
    tool_calls: (calls as Fields[]).map((call, index) => ({ index, ...call })),
  };
}
