import type { ChatChunk } from '../inference/chat-chunks.js';
import { parseJson } from '../json.js';
import type { Json, StreamedChunk } from './provider.js';

/**
 * What the chunks of a stream have in common: nearly all differ from the one before only in the words that they bring.
 * Such a chunk is known by what stands around its words, and need not be parsed, which would cost more than all else
 * that is done with it.
 */
export class ChunkPattern {
  readonly #bringsWordsOnly: boolean;

  private constructor(
    readonly chunk: ChatChunk,
    readonly before: string,
    readonly after: string,
  ) {
    this.#bringsWordsOnly = bringsWordsOnly(chunk, after);
  }

  /** @returns undefined where a chunk brings no words, or where it is not certain which part of its text they are */
  static of({ text, value }: Json<ChatChunk>): ChunkPattern | undefined {
    const words = wordsOf(value);
    if (words === undefined) return undefined;
    const literal = JSON.stringify(words);
    const start = text.indexOf(literal, text.indexOf('"content"') + '"content"'.length);
    if (start < 0) return undefined;
    const before = text.slice(0, start);
    const after = text.slice(start + literal.length);
    // The same text may stand in other places, too: other words, put there, must become those of the chunk.
    const others = `${words}.`;
    const probe = tryParse(before + JSON.stringify(others) + after) as ChatChunk | undefined;
    const isCertain = probe !== undefined && wordsOf(probe) === others;
    return isCertain ? new ChunkPattern(value, before, after) : undefined;
  }

  /** @returns undefined where the text is of another pattern, or no JSON */
  read(text: string): StreamedChunk | undefined {
    const { before, after, chunk } = this;
    // `startsWith` is made into a loop over characters, which takes four times as long.
    if (!text.endsWith(before, before.length) || !text.endsWith(after)) return undefined;
    const literal = text.slice(before.length, text.length - after.length);
    const words = parseString(literal);
    if (words === undefined) return undefined;
    if (!this.#bringsWordsOnly) return { text, value: withWords(chunk, words) };
    // Nothing between the quotes is written in another way than it is meant.
    const isPlain = literal.length === words.length + 2;
    return new WordsChunk(this, words, isPlain ? undefined : literal);
  }
}

/** Of all that it says it keeps the words: there are many of them, and they are kept for as long as their stream lasts. */
class WordsChunk implements StreamedChunk {
  constructor(
    private readonly pattern: ChunkPattern,
    readonly words: string,
    private readonly literal: string | undefined,
  ) {}

  get index(): number {
    return this.pattern.chunk.choices[0]?.index ?? 0;
  }

  get text(): string {
    const { before, after } = this.pattern;
    return before + (this.literal ?? `"${this.words}"`) + after;
  }

  get value(): ChatChunk {
    return withWords(this.pattern.chunk, this.words);
  }
}

const SILENT_FIELDS = new Set(['role', 'content']);

/** Whether a chunk like this one adds nothing else to it. Of usage it says nothing, or null in its last field. */
function bringsWordsOnly({ choices: [choice], usage }: ChatChunk, after: string): boolean {
  if (choice === undefined) return false;
  const { delta, finish_reason: reason, logprobs } = choice;
  const saysNothingElse = Object.keys(delta ?? {}).every((field) => SILENT_FIELDS.has(field));
  const saysNoUsage = usage === undefined || after.endsWith(',"usage":null}');
  return (
    saysNothingElse && saysNoUsage && reason == null && logprobs == null && after.endsWith('}')
  );
}

/** Those of its only choice. */
function wordsOf({ choices }: ChatChunk): string | undefined {
  const words = choices.length === 1 ? choices[0]?.delta?.content : undefined;
  return typeof words === 'string' ? words : undefined;
}

function withWords(chunk: ChatChunk, content: string): ChatChunk {
  return {
    ...chunk,
    choices: chunk.choices.map((choice) => ({ ...choice, delta: { ...choice.delta, content } })),
  };
}

/** @returns undefined where the text is not the JSON of one string */
function parseString(json: string): string | undefined {
  if (isPlainString(json)) return json.slice(1, -1);
  const value = tryParse(json);
  return typeof value === 'string' ? value : undefined;
}

const [QUOTE, BACKSLASH, SPACE] = [0x22, 0x5c, 0x20] as const;

/** Whether it stands for itself between its quotes. */
function isPlainString(json: string): boolean {
  const end = json.length - 1;
  if (end < 1 || json.charCodeAt(0) !== QUOTE || json.charCodeAt(end) !== QUOTE) return false;
  for (let at = 1; at < end; at += 1) {
    const character = json.charCodeAt(at);
    if (character === QUOTE || character === BACKSLASH || character < SPACE) return false;
  }
  return true;
}

function tryParse(json: string): unknown {
  try {
    return parseJson(json);
  } catch {
    return undefined;
  }
}
