import type { RequestBindings } from '../env.js';
import {
  COMMENT,
  failureFrame,
  HEARTBEAT_MS,
  STALLED_MS,
  type Frames,
} from '../http/event-stream.js';

type Controller = ReadableStreamDefaultController<Uint8Array>;

interface Surroundings {
  readonly connection: Pick<RequestBindings, 'limitStandstill' | 'breakOff' | 'onEnd'>;
  /** Is told what the frames have failed with. */
  readonly onFailure: (error: unknown) => void;
}

const encoder = new TextEncoder();

/**
 * Server-sent events as the body of a response. What a client does not read is not produced.
 *
 * A failure is told in a last frame, and then by the end of the connection: whoever does not know that frame must not
 * take what came so far for the whole.
 */
export function eventStreamBody(
  frames: Frames,
  surroundings: Surroundings,
): ReadableStream<Uint8Array> {
  const { connection } = surroundings;
  const source = new FramesSource(frames, surroundings);
  const body = new ReadableStream(source, { highWaterMark: 0 });
  connection.limitStandstill(STALLED_MS);
  // Of an answer that waits behind another one, the server does not say when the client has left: it may have already.
  connection.onEnd(() => {
    source.cancel().catch(() => undefined);
  });
  return body;
}

class FramesSource {
  readonly #frames: Frames;
  readonly #surroundings: Surroundings;
  #controller: Controller | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #isAwaiting = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(frames: Frames, surroundings: Surroundings) {
    this.#frames = frames;
    this.#surroundings = surroundings;
  }

  start(controller: Controller): void {
    this.#controller = controller;
    this.#heartbeat = setInterval(() => {
      if (this.#isAwaiting && controller.desiredSize === 0) this.#say(COMMENT);
    }, HEARTBEAT_MS);
  }

  pull(): Promise<void> {
    if (this.#failure !== undefined) return this.#breakOff(this.#failure.error);
    this.#isAwaiting = true;
    return this.#frames.next().then(this.#sayNext, this.#tellFailure);
  }

  /** The client has left. */
  async cancel(): Promise<void> {
    this.#stop();
    await this.#frames.return();
  }

  readonly #sayNext = ({ done, value }: IteratorResult<string, string>): void => {
    this.#isAwaiting = false;
    this.#say(value);
    if (done !== true) return;
    this.#controller?.close();
    this.#stop();
  };

  readonly #tellFailure = (error: unknown): void => {
    // A client that has left is no failure.
    if (this.#controller === undefined) return;
    this.#failure = { error };
    this.#say(failureFrame(error));
    clearInterval(this.#heartbeat);
    this.#surroundings.onFailure(error);
  };

  /** Once the frame that tells of the failure was taken. Where the connection is gone then, nobody reads the error. */
  async #breakOff(error: unknown): Promise<void> {
    await this.#surroundings.connection.breakOff();
    this.#controller?.error(error);
  }

  #say(frame: string): void {
    this.#controller?.enqueue(encoder.encode(frame));
  }

  #stop(): void {
    this.#controller = undefined;
    clearInterval(this.#heartbeat);
  }
}
