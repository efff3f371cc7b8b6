import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import type { Backend } from '../backend.js';
import type { Lifecycle } from '../lifecycle.js';
import type { Span } from '../telemetry/tracing.js';
import { keepConnectionAmidUpload } from './keep-connection.js';
import { startRequestSpan } from './request-span.js';

/** What is noted of a client that left before there was an answer, as nginx has it. */
const CLIENT_CLOSED_REQUEST = 499;

const connections = new WeakMap<Duplex, Connection>();

/** Whether an answer is owed, or on its way, on this connection. */
export function isAnswering(socket: Duplex): boolean {
  return (connections.get(socket)?.open.length ?? 0) > 0;
}

/** What goes on on one socket, which is listened to once, for all its exchanges. */
class Connection {
  /** Exchanges that are not over yet: more than one where the client does not wait for the answers (pipelining). */
  readonly open: Exchange[] = [];

  constructor(socket: Socket, lifecycle: Lifecycle) {
    const detach = lifecycle.attach(this);
    socket.once('close', () => {
      detach();
      for (const exchange of this.open.splice(0)) exchange.end();
    });
  }

  static of(socket: Socket, lifecycle: Lifecycle): Connection {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const connection = new Connection(socket, lifecycle);
    connections.set(socket, connection);
    return connection;
  }

  abort(reason: unknown): void {
    for (const exchange of this.open) exchange.abort(reason);
  }
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
  readonly response: ServerResponse;
  /** The target of the request, as it was sent. */
  readonly url: string;
  /** As `performance.now()` has it. */
  readonly startedAt = performance.now();
  /** What came in the body, once it is read, unless it is long. */
  bodyText: string | undefined;
  readonly #controller = new LightAbortController();
  readonly #connection: Connection;
  readonly #onEnd: (() => void)[] = [];
  #isOver = false;

  constructor(response: ServerResponse, { lifecycle, tracer }: ExchangeDependencies) {
    this.span = tracer && startRequestSpan(tracer, response.req);
    this.response = response;
    this.url = response.req.url ?? '';
    this.#connection = Connection.of(response.req.socket, lifecycle);
    this.#connection.open.push(this);
    response.on('close', () => {
      this.#leave();
    });
  }

  /** Aborts when the client leaves before its answer is complete, or when the server stops. */
  get signal(): AbortSignalLike {
    return this.#controller.signal;
  }

  get request(): IncomingMessage {
    return this.response.req;
  }

  get method(): string {
    return this.request.method ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  /** What other requests of the same client may come on. */
  get connection(): object {
    return this.request.socket;
  }

  /** Of the answer, or of what became of it. */
  get status(): number {
    const { headersSent, statusCode } = this.response;
    return headersSent ? statusCode : CLIENT_CLOSED_REQUEST;
  }

  /** Whether all of the answer was sent. */
  get isComplete(): boolean {
    return this.response.writableFinished;
  }

  /** Calls back once, when it is over in one way or the other, which it may be already. */
  onEnd(callback: () => void): void {
    if (this.#isOver) callback();
    else this.#onEnd.push(callback);
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** For an answer that does not wait for the end of the request. */
  keepAmidUpload(): void {
    keepConnectionAmidUpload(this.response);
  }

  /** Ends the connection when it has stood still for so long amid the answer. */
  limitStandstill(milliseconds: number): void {
    this.response.setTimeout(milliseconds, () => this.response.destroy());
  }

  /** Ends the connection amid the answer, once what was written of it has left. */
  async breakOff(): Promise<void> {
    const { response } = this;
    if (response.closed) return;
    const closed = new Promise((resolve) => response.once('close', resolve));
    if (!response.destroyed) response.write('', () => response.destroy());
    await closed;
  }

  /** To be called once. */
  end(): void {
    this.#isOver = true;
    if (!this.isComplete) this.abort(new DOMException('The client left.', 'AbortError'));
    for (const callback of this.#onEnd) callback();
  }

  /** Does nothing where the connection has ended first. */
  #leave(): void {
    const { open } = this.#connection;
    const place = open.indexOf(this);
    if (place < 0) return;
    open.splice(place, 1);
    this.end();
  }
}
