import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import type { Backend } from '../backend.js';
import type { Span } from '../telemetry/tracing.js';
import { startRequestSpan } from './request-span.js';

const openExchanges = new WeakMap<Socket, number>();

/** Whether an answer is owed, or on its way, on this connection. */
export function isAnswering(socket: Socket): boolean {
  return (openExchanges.get(socket) ?? 0) > 0;
}

type ExchangeDependencies = Pick<Backend, 'lifecycle' | 'tracer'>;

/**
 * One request and its answer, from its first line to the end of its answer or of its connection.
 *
 * The response tells of the end: a request's own `close` comes as soon as its body is read. Of several responses that
 * wait their turn on one connection (pipelining), only the first is told when it breaks, so that the socket is asked too.
 */
export class Exchange {
  /** What the request is in a trace; null where nobody traces. */
  readonly span: Span | null;
  readonly #controller = new LightAbortController();
  readonly #response: ServerResponse;
  readonly #socket: Socket;
  readonly #onEnd: (() => void)[] = [];

  constructor(response: ServerResponse, { lifecycle, tracer }: ExchangeDependencies) {
    this.span = tracer && startRequestSpan(tracer, response.req);
    this.#response = response;
    this.#socket = response.req.socket;
    this.#onEnd.push(lifecycle.attach(this.#controller));
    openExchanges.set(this.#socket, (openExchanges.get(this.#socket) ?? 0) + 1);
    response.once('close', this.#end);
    this.#socket.once('close', this.#end);
  }

  /** Aborts when the client leaves before its answer is complete, or when the server stops. */
  get signal(): AbortSignalLike {
    return this.#controller.signal;
  }

  /** Whether all of the answer was sent. */
  get isComplete(): boolean {
    return this.#response.writableFinished;
  }

  /** Calls back once, when it is over in one way or the other. */
  onEnd(callback: () => void): void {
    this.#onEnd.push(callback);
  }

  readonly #end = (): void => {
    this.#response.off('close', this.#end);
    this.#socket.off('close', this.#end);
    openExchanges.set(this.#socket, (openExchanges.get(this.#socket) ?? 1) - 1);
    if (!this.isComplete)
      this.#controller.abort(new DOMException('The client left.', 'AbortError'));
    for (const callback of this.#onEnd.splice(0)) callback();
  };
}
