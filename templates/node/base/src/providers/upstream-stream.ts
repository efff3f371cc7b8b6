import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { RequestAbortedError } from 'undici/lib/core/errors.js';
import { ObservableStream, type Observer } from '../stream.js';
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
export class UpstreamStream<Chunk>
  extends ObservableStream<readonly Chunk[]>
  implements Observer<Buffer, void>
{
  readonly #decoder = new StringDecoder('utf8');
  readonly #parser = createParser({
    onEvent: ({ data }) => {
      this.#read(data);
    },
  });
  /** Those that have come with the bytes at hand. */
  #chunks: Chunk[] = [];
  #exchange: UpstreamExchange | undefined;
  #observer: Observer<readonly Chunk[], void> | undefined;
  #failure: Error | undefined;
  /** What an answer with status 400 or above says. */
  #refusal = '';
  #isOver = false;

  /**
   * @param begin sends the request, when the first chunks are asked for
   * @param failureOf gives what an answer with status 400 or above means
   */
  constructor(
    private readonly begin: () => UpstreamExchange,
    private readonly failureOf: (answer: UpstreamAnswer, text: string) => UpstreamError,
    private readonly reader: StreamReader<Chunk>,
  ) {
    super();
  }

  observe(observer: Observer<readonly Chunk[], void>): void {
    this.#observer = observer;
    try {
      this.#exchange ??= this.begin();
      if (this.#goesOn()) this.#exchange.answer.observe(this);
    } catch (error) {
      this.fail(error);
    }
  }

  part(bytes: Buffer): boolean {
    const text = this.#decoder.write(bytes);
    if (this.#refused !== undefined) {
      this.#refusal += text;
      return true;
    }
    this.#parser.feed(text);
    const chunks = this.#chunks;
    if (chunks.length === 0) return this.#goesOn();
    this.#chunks = [];
    return this.#observer?.part(chunks) === true && this.#goesOn();
  }

  end(): void {
    const refused = this.#refused;
    this.fail(refused === undefined ? cutStream() : this.failureOf(refused, this.#refusal));
  }

  readonly fail = (error: unknown): void => {
    const failure = this.#exchange?.explain(error) ?? error;
    this.#end();
    this.#observer?.fail(failure);
  };

  protected release(): void {
    this.#end();
  }

  get #refused(): UpstreamAnswer | undefined {
    const answer = this.#exchange?.answer;
    return answer !== undefined && answer.status >= 400 ? answer : undefined;
  }

  #read(data: string): void {
    if (this.#failure !== undefined || this.reader.isComplete) return;
    try {
      for (const chunk of this.reader.read(data)) this.#chunks.push(chunk);
    } catch (error) {
      // What came before it is passed on first.
      this.#failure = error as Error;
    }
  }

  /** Otherwise it tells how it has ended. */
  #goesOn(): boolean {
    if (this.#failure !== undefined) {
      this.fail(this.#failure);
      return false;
    }
    if (!this.reader.isComplete) return true;
    this.#end();
    this.#observer?.end();
    return false;
  }

  #end(): void {
    if (this.#exchange === undefined || this.#isOver) return;
    this.#isOver = true;
    this.#exchange.end();
    const { answer } = this.#exchange;
    if (this.reader.isComplete) reuseConnection(answer);
    else answer.abort(new RequestAbortedError());
  }
}

/** Reads the little that comes after the last event: only then can the next call use the connection. */
function reuseConnection(answer: UpstreamAnswer): void {
  const abort = () => {
    answer.abort(new RequestAbortedError());
  };
  const tooLate = setTimeout(abort, AFTER_LAST_EVENT_MS);
  const end = () => {
    clearTimeout(tooLate);
  };
  let left = AFTER_LAST_EVENT_BYTES;
  const part = ({ length }: Buffer) => {
    left -= length;
    if (left < 0) abort();
    return left >= 0;
  };
  answer.observe({ part, end, fail: end });
}
