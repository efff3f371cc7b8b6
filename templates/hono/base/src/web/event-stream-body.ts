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
  readonly connection: Pick<RequestBindings, 'limitStandstill' | 'breakOff'>;
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
  surroundings.connection.limitStandstill(STALLED_MS);
  return new ReadableStream(new FramesSource(frames, surroundings), { highWaterMark: 0 });
}

class FramesSource {
  readonly #frames: Frames;
  readonly #surroundings: Surroundings;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #isAwaiting = false;
  #isCancelled = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(frames: Frames, surroundings: Surroundings) {
    this.#frames = frames;
    this.#surroundings = surroundings;
  }

  start(controller: Controller): void {
    this.#heartbeat = setInterval(() => {
      if (this.#isAwaiting && controller.desiredSize === 0)
        controller.enqueue(encoder.encode(COMMENT));
    }, HEARTBEAT_MS);
  }

  async pull(controller: Controller): Promise<void> {
    if (this.#failure === undefined) await this.#giveFrames(controller);
    else await this.#breakOff(controller, this.#failure.error);
  }

  /** The client has left. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    clearInterval(this.#heartbeat);
    await this.#frames.return();
  }

  async #giveFrames(controller: Controller): Promise<void> {
    this.#isAwaiting = true;
    try {
      const { done, value } = await this.#frames.next();
      if (this.#isCancelled) return;
      controller.enqueue(encoder.encode(value));
      if (done === true) this.#close(controller);
    } catch (error) {
      if (!this.#isCancelled) this.#tellFailure(controller, error);
    } finally {
      this.#isAwaiting = false;
    }
  }

  #close(controller: Controller): void {
    clearInterval(this.#heartbeat);
    controller.close();
  }

  #tellFailure(controller: Controller, error: unknown): void {
    clearInterval(this.#heartbeat);
    this.#failure = { error };
    controller.enqueue(encoder.encode(failureFrame(error)));
    this.#surroundings.onFailure(error);
  }

  /** Once the frame that tells of the failure is taken. Where the connection is gone already, nobody reads the error. */
  async #breakOff(controller: Controller, error: unknown): Promise<void> {
    await this.#surroundings.connection.breakOff();
    controller.error(error);
  }
}
