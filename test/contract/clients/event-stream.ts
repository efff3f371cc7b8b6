import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';

export interface Frame {
  id: string | undefined;
  event: string | undefined;
  data: string;
  /** Milliseconds on the clock of `performance.now()`. */
  at: number;
}

/** How a stream's connection ended: in good order, or broken off. */
export type Ending = 'complete' | 'broken';

/** Server-sent events as they arrive. */
export class EventStream {
  readonly headers: IncomingHttpHeaders;
  /** Every frame so far. */
  readonly frames: Frame[] = [];
  readonly comments: string[] = [];
  /** Resolves when the connection ends. */
  readonly ended: Promise<Ending>;
  /** Goes away without reading on. */
  readonly leave: () => void;
  #taken = 0;
  #isOver = false;

  constructor(message: IncomingMessage, leave: () => void) {
    this.headers = message.headers;
    this.leave = leave;
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        this.frames.push({ id, event, data, at: performance.now() });
      },
      onComment: (comment) => this.comments.push(comment),
    });
    message.setEncoding('utf8').on('data', (text: string) => {
      parser.feed(text);
    });
    message.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      message.once('close', () => {
        this.#isOver = true;
        resolve(message.complete ? 'complete' : 'broken');
      });
    });
  }

  /** The next frame that has not been taken yet. */
  async next(patience = 10_000): Promise<Frame> {
    const deadline = performance.now() + patience;
    for (;;) {
      const frame = this.frames[this.#taken];
      if (frame !== undefined) {
        this.#taken += 1;
        return frame;
      }
      if (this.#isOver) throw new Error('The stream has ended; there is no further frame.');
      if (performance.now() > deadline) {
        throw new Error(`No further frame within ${String(patience)} ms.`);
      }
      await sleep(2);
    }
  }

  /** Every frame there is, once the stream has ended. */
  async all(patience = 30_000): Promise<Frame[]> {
    const timer = new AbortController();
    const late = sleep(patience, 'late' as const, { signal: timer.signal });
    late.catch(() => undefined);
    if ((await Promise.race([this.ended, late])) === 'late') {
      throw new Error(
        `The stream had not ended after ${String(patience)} ms; it had ${String(this.frames.length)} frames.`,
      );
    }
    timer.abort();
    return this.frames;
  }
}
