import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import type { Backend } from '../backend.js';
import type { Span } from '../telemetry/tracing.js';
import { startRequestSpan } from './request-span.js';

/** Of each connection, those that are not over yet. */
const openExchanges = new WeakMap<Socket, Set<Exchange>>();

/** Whether an answer is owed, or on its way, on this connection. */
export function isAnswering(socket: Socket): boolean {
  return (openExchanges.get(socket)?.size ?? 0) > 0;
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
  readonly #open: Set<Exchange>;
  readonly #onEnd: (() => void)[] = [];

  constructor(response: ServerResponse, { lifecycle, tracer }: ExchangeDependencies) {
    this.span = tracer && startRequestSpan(tracer, response.req);
    this.#response = response;
    this.#open = Exchange.#openOn(response.req.socket);
    this.#open.add(this);
    this.#onEnd.push(lifecycle.attach(this.#controller));
    response.on('close', () => {
      this.#end();
    });
  }

  /** A connection is listened to once, for all its exchanges. */
  static #openOn(socket: Socket): Set<Exchange> {
    const known = openExchanges.get(socket);
    if (known !== undefined) return known;
    const open = new Set<Exchange>();
    openExchanges.set(socket, open);
    socket.once('close', () => {
      for (const exchange of open) exchange.#end();
    });
    return open;
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

  #end(): void {
    if (!this.#open.delete(this)) return;
    if (!this.isComplete)
      this.#controller.abort(new DOMException('The client left.', 'AbortError'));
    for (const callback of this.#onEnd) callback();
  }
}
