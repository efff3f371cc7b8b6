import { upstreamTimeout } from './upstream-error.js';

export interface CallTimeouts {
  /** Milliseconds until the first byte of the answer's body. */
  readonly firstByte: number;
  /** Milliseconds for the whole call. */
  readonly total: number;
}

/** A signal that aborts with the caller's, or with an `UpstreamError` as its reason when a call takes too long. */
export class CallTimers {
  readonly #controller = new AbortController();
  readonly #firstByte: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;
  readonly #parent: AbortSignal;

  constructor(parent: AbortSignal, timeouts: CallTimeouts) {
    this.#parent = parent;
    this.#firstByte = this.#after(timeouts.firstByte, 'did not begin to answer');
    this.#total = this.#after(timeouts.total, 'did not finish its answer');
    if (parent.aborted) this.#onParentAbort();
    else parent.addEventListener('abort', this.#onParentAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  firstByteArrived(): void {
    clearTimeout(this.#firstByte);
  }

  stop(): void {
    clearTimeout(this.#firstByte);
    clearTimeout(this.#total);
    this.#parent.removeEventListener('abort', this.#onParentAbort);
  }

  readonly #onParentAbort = (): void => {
    this.stop();
    this.#controller.abort(this.#parent.reason);
  };

  #after(milliseconds: number, what: string): NodeJS.Timeout {
    return setTimeout(() => {
      const message = `The model provider ${what} within ${String(milliseconds)} ms.`;
      this.#controller.abort(upstreamTimeout(message));
    }, milliseconds);
  }
}
