import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** How far the answer to a call had come. */
export type Phase = 'received' | 'headers sent' | 'body begun' | 'ended';

/** Thrown inside a script when the backend has gone away; the upstream swallows it. */
export class PeerLeft extends Error {
  override name = 'PeerLeft';
}

/** One request that reached the upstream, and the means to answer it. */
export class UpstreamCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Milliseconds on the clock of `performance.now()`. */
  readonly arrivedAt = performance.now();
  /** Set once the backend ended the call before the upstream had finished its answer. */
  abandonedAt: number | undefined;
  phase: Phase = 'received';
  /** Bytes of answer that the operating system or Node has taken; a blocked write is not counted. */
  bytesTaken = 0;

  readonly #response: ServerResponse;
  readonly #closed = new AbortController();
  readonly #gone = once(this.#closed.signal, 'abort');

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    readonly rawBody: string,
  ) {
    this.method = request.method ?? '';
    this.path = request.url ?? '';
    this.headers = request.headers;
    this.#response = response;
    response.on('error', () => undefined);
    response.on('close', () => {
      if (this.phase !== 'ended') this.abandonedAt = performance.now();
      this.#closed.abort();
    });
  }

  /** The request's body as JSON; throws when it is none. */
  get body(): Record<string, unknown> {
    return JSON.parse(this.rawBody) as Record<string, unknown>;
  }

  get abandoned(): boolean {
    return this.abandonedAt !== undefined;
  }

  /** Resolves when the backend has ended the call early; never when it did not. */
  async abandonment(): Promise<number> {
    await this.#gone;
    if (this.abandonedAt !== undefined) return this.abandonedAt;
    return new Promise<number>(() => undefined);
  }

  /** Waits, and gives up when the backend has gone away. */
  async wait(milliseconds: number): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal: this.#closed.signal });
    } catch {
      throw new PeerLeft();
    }
  }

  /** Waits for a promise (a gate, for instance), and gives up when the backend has gone away. */
  async until(promise: Promise<unknown>): Promise<void> {
    await Promise.race([promise, this.#gone]);
    this.#throwIfGone();
  }

  /** Sends status and headers at once, before any body. */
  head(status: number, headers: Record<string, string>): void {
    this.#throwIfGone();
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
    this.phase = 'headers sent';
  }

  /** Sends bytes, and waits until there is room for more. */
  async write(data: string | Uint8Array): Promise<void> {
    this.#throwIfGone();
    this.phase = 'body begun';
    const hasRoom = this.#response.write(data);
    if (!hasRoom) {
      await Promise.race([
        new Promise((resolve) => this.#response.once('drain', resolve)),
        this.#gone,
      ]);
      this.#throwIfGone();
    }
    this.bytesTaken += Buffer.byteLength(data);
  }

  /** Ends the answer in good order. */
  end(data?: string | Uint8Array): void {
    this.#throwIfGone();
    this.phase = 'ended';
    if (data === undefined) this.#response.end();
    else this.#response.end(data);
  }

  /** Breaks the connection in the middle of the answer. */
  destroy(): void {
    this.phase = 'ended';
    this.#response.destroy();
  }

  #throwIfGone(): void {
    if (this.#closed.signal.aborted) throw new PeerLeft();
  }
}
