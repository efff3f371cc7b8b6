import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { RequestAbortedError } from 'undici/lib/core/errors.js';
import type { Stream } from '../stream.js';
import type { UpstreamAnswer } from './upstream-answer.js';
import { cutStream, type UpstreamError } from './upstream-error.js';
import type { UpstreamExchange } from './upstream-exchange.js';

/** Makes chunks of the events of one answer's stream. */
export interface StreamReader<Chunk> {
  /**
   * @param data of the next event
   * @throws {UpstreamError} when the event says, or shows, that the answer has failed
   */
  read(data: string): readonly Chunk[];
  /** Whether the whole answer has come. Nothing is read after that. */
  readonly isComplete: boolean;
}

const AFTER_LAST_EVENT_MS = 1_000;
const AFTER_LAST_EVENT_BYTES = 16_384;

type Step<Chunk> = IteratorResult<readonly Chunk[], void>;

/**
 * The chunks of a provider's streamed answer; those that come at once are one step.
 *
 * It ends normally only when the answer came whole. Leaving early destroys the connection, and with it the provider's
 * work.
 */
export class UpstreamStream<Chunk> implements Stream<readonly Chunk[]> {
  readonly #decoder = new StringDecoder('utf8');
  readonly #parser = createParser({ onEvent: ({ data }) => this.#events.push(data) });
  #events: string[] = [];
  #exchange: UpstreamExchange | undefined;
  #failure: Error | undefined;
  #isOver = false;

  /**
   * @param begin sends the request, when the first chunks are asked for
   * @param failureOf gives what an answer with status 400 or above means
   */
  constructor(
    private readonly begin: () => UpstreamExchange,
    private readonly failureOf: (answer: UpstreamAnswer, text: string) => UpstreamError,
    private readonly reader: StreamReader<Chunk>,
  ) {}

  next(): Promise<Step<Chunk>> {
    const answer = this.#exchange?.answer;
    if (answer === undefined) return this.#begin();
    if (this.#failure !== undefined) return Promise.reject(this.#failure).catch(this.#fail);
    if (this.reader.isComplete) return this.return();
    return answer.read().then(this.#take, this.#fail);
  }

  return(): Promise<Step<Chunk>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #begin(): Promise<Step<Chunk>> {
    this.#exchange = this.begin();
    const { answer } = this.#exchange;
    try {
      await answer.begin();
      if (answer.status >= 400) throw this.failureOf(answer, await answer.text());
    } catch (error) {
      return this.#fail(error);
    }
    return this.next();
  }

  readonly #take = (parts: readonly Buffer[]): Step<Chunk> | Promise<Step<Chunk>> => {
    if (parts.length === 0) return this.#fail(cutStream());
    for (const bytes of parts) this.#parser.feed(this.#decoder.write(bytes));
    const events = this.#events;
    this.#events = [];
    const chunks = this.#chunksOf(events);
    return chunks.length > 0 ? { done: false, value: chunks } : this.next();
  };

  readonly #fail = (error: unknown): never => {
    const failure = this.#exchange?.explain(error) ?? error;
    this.#end();
    throw failure;
  };

  #chunksOf(events: readonly string[]): readonly Chunk[] {
    const chunks: Chunk[] = [];
    try {
      for (const data of events) {
        chunks.push(...this.reader.read(data));
        if (this.reader.isComplete) break;
      }
    } catch (error) {
      // What came before it is passed on first.
      this.#failure = error as Error;
    }
    return chunks;
  }

  #end(): void {
    if (this.#exchange === undefined || this.#isOver) return;
    this.#isOver = true;
    this.#exchange.end();
    const { answer } = this.#exchange;
    if (this.reader.isComplete) void reuseConnection(answer);
    else answer.abort(new RequestAbortedError());
  }
}

/** Reads the little that comes after the last event: only then can the next call use the connection. */
async function reuseConnection(answer: UpstreamAnswer): Promise<void> {
  const tooLate = setTimeout(() => {
    answer.abort(new RequestAbortedError());
  }, AFTER_LAST_EVENT_MS);
  try {
    let left = AFTER_LAST_EVENT_BYTES;
    for (let parts = await answer.read(); parts.length > 0; parts = await answer.read()) {
      for (const { length } of parts) left -= length;
      if (left < 0) answer.abort(new RequestAbortedError());
    }
  } catch {
    // It was not worth the wait.
  } finally {
    clearTimeout(tooLate);
  }
}
