import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { errors } from 'undici';
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

  async next(): Promise<IteratorResult<readonly Chunk[], void>> {
    const exchange = (this.#exchange ??= this.begin());
    const { answer } = exchange;
    try {
      if (answer.status === 0) await this.#expectSuccess(answer);
      while (!this.reader.isComplete) {
        if (this.#failure !== undefined) throw this.#failure;
        const chunks = this.#chunksIn(await answer.read());
        if (chunks.length > 0) return { done: false, value: chunks };
      }
    } catch (error) {
      const failure = exchange.explain(error);
      this.#end();
      throw failure;
    }
    this.#end();
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<readonly Chunk[], void>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #expectSuccess(answer: UpstreamAnswer): Promise<void> {
    await answer.begin();
    if (answer.status >= 400) throw this.failureOf(answer, await answer.text());
  }

  /** @param parts nothing, where the answer has come to its end */
  #chunksIn(parts: readonly Buffer[]): readonly Chunk[] {
    if (parts.length === 0) throw cutStream();
    for (const bytes of parts) this.#parser.feed(this.#decoder.write(bytes));
    const events = this.#events;
    this.#events = [];
    return this.#chunksOf(events);
  }

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
    else answer.abort(new errors.RequestAbortedError());
  }
}

/** Reads the little that comes after the last event: only then can the next call use the connection. */
async function reuseConnection(answer: UpstreamAnswer): Promise<void> {
  const tooLate = setTimeout(() => {
    answer.abort(new errors.RequestAbortedError());
  }, AFTER_LAST_EVENT_MS);
  try {
    let left = AFTER_LAST_EVENT_BYTES;
    for (let parts = await answer.read(); parts.length > 0; parts = await answer.read()) {
      for (const { length } of parts) left -= length;
      if (left < 0) answer.abort(new errors.RequestAbortedError());
    }
  } catch {
    // It was not worth the wait.
  } finally {
    clearTimeout(tooLate);
  }
}
