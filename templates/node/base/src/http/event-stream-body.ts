import { Readable } from 'node:stream';
import { toApiError } from '../errors.js';
import { COMMENT, dataFrame } from './event-stream.js';

/** How long a stream may be silent before a comment shows proxies that it lives. */
const HEARTBEAT_MS = 15_000;

/**
 * How long a connection may stay still amid a stream, heartbeats included, until its reader is given up: whoever stops
 * reading, but stays, would keep a slot, and hold up the end of the process.
 */
export const STALLED_MS = 4 * HEARTBEAT_MS;

/**
 * Server-sent events as a stream of Node's. It takes one frame at a time, when the last one is on its way: what a client
 * does not read is not produced.
 *
 * A failure is told in a last frame, and then by the end of the connection: whoever does not know that frame must not
 * take what came so far for the whole.
 */
export class EventStreamBody extends Readable {
  readonly #frames: AsyncGenerator<string, void>;
  readonly #heartbeat: NodeJS.Timeout;
  /** Whether a frame has been asked for and has not come yet. */
  #isWaiting = false;
  #failure: Error | undefined;

  constructor(frames: AsyncGenerator<string, void>, heartbeatMs = HEARTBEAT_MS) {
    super({ objectMode: true, highWaterMark: 1 });
    this.#frames = frames;
    this.#heartbeat = setInterval(() => {
      if (this.#isWaiting) this.push(COMMENT);
    }, heartbeatMs);
  }

  override _read(): void {
    if (this.#failure !== undefined) {
      this.destroy(this.#failure);
    } else if (!this.#isWaiting) {
      this.#isWaiting = true;
      this.#heartbeat.refresh();
      this.#frames.next().then(this.#onFrame, this.#onFailure);
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#heartbeat);
    // Lets the frames release what they hold, though nobody waits for it.
    this.#frames.return().catch(() => undefined);
    done(error);
  }

  readonly #onFrame = ({ done, value }: IteratorResult<string, void>): void => {
    this.#isWaiting = false;
    this.push(done === true ? null : value);
  };

  readonly #onFailure = (error: unknown): void => {
    this.#isWaiting = false;
    this.#failure =
      error instanceof Error ? error : new Error('The stream failed.', { cause: error });
    this.push(dataFrame(JSON.stringify({ error: toApiError(error).body })));
  };
}
