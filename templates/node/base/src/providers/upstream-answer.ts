import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { RequestAbortedError } from 'undici/lib/core/errors.js';
import type { Observer } from '../stream.js';

/** How much of a stream may wait to be taken before the provider's server is kept waiting. */
const MAX_UNREAD_BYTES = 65_536;

/**
 * What a provider's server answers to one request, told of as it comes.
 *
 * It stands on undici's `dispatch`, since `request` makes a stream of every answer, and `fetch` a good deal more: a
 * short call costs a third, or five times, of what it does here.
 */
export class UpstreamAnswer implements Dispatcher.DispatchHandler {
  /** 0 until it is there. */
  status = 0;
  headers: IncomingHttpHeaders = {};
  /** Whether any of the body has come. */
  hasBegun = false;
  #controller: Dispatcher.DispatchController | undefined;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #isOver = false;
  #failure: unknown;
  /** Takes what comes next. */
  #observer: Observer<Buffer, void> | undefined;

  /** As `ObservableStream.observe`. Status and headers are there before the first step. */
  observe(observer: Observer<Buffer, void>): void {
    if (this.#failure !== undefined) observer.fail(this.#failure);
    else if (this.#unread.length > 0) {
      if (observer.part(this.#takeUnread())) this.observe(observer);
    } else if (this.#isOver) observer.end();
    else this.#observer = observer;
  }

  /** All that has not been read yet, and all that comes. */
  text(): Promise<string> {
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      this.observe({
        part: (bytes) => parts.push(bytes) > 0,
        end: () => {
          resolve(joined(parts).toString('utf8'));
        },
        fail: reject,
      });
    });
  }

  /** Ends the connection, and with it the provider's work. Does nothing to an answer that is over. */
  abort(reason: unknown): void {
    if (this.#isOver) return;
    this.#fail(reason);
    this.#controller?.abort(new RequestAbortedError());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new RequestAbortedError());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    this.hasBegun = true;
    const observer = this.#takeObserver();
    if (observer === undefined) this.#keep(bytes, controller);
    else if (observer.part(bytes)) this.observe(observer);
  }

  onResponseEnd(): void {
    this.#isOver = true;
    this.#takeObserver()?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#isOver) this.#fail(error);
  }

  #keep(bytes: Buffer, controller: Dispatcher.DispatchController): void {
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes > MAX_UNREAD_BYTES) controller.pause();
  }

  #takeUnread(): Buffer {
    const bytes = joined(this.#unread);
    this.#unread = [];
    this.#unreadBytes = 0;
    this.#controller?.resume();
    return bytes;
  }

  /** It is told of one step, and then asks for the next. */
  #takeObserver(): Observer<Buffer, void> | undefined {
    const observer = this.#observer;
    this.#observer = undefined;
    return observer;
  }

  #fail(reason: unknown): void {
    this.#isOver = true;
    this.#failure = reason;
    this.#takeObserver()?.fail(reason);
  }
}

/** Short answers come in one part. */
function joined(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
}
