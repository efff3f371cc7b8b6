import { upstreamOverdue, upstreamTimeout, type UpstreamError } from './upstream-error.js';

export interface CallTimeouts {
  /** Milliseconds until the first byte of the answer's body. Every attempt has them anew. */
  readonly firstByte: number;
  /** Milliseconds for the whole call, all its attempts together. */
  readonly total: number;
}

/** A signal that aborts with the caller's, or with an `UpstreamError` as its reason when a call takes too long. */
export class CallTimers {
  readonly #controller = new AbortController();
  readonly #firstByte: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;
  readonly #parent: AbortSignal;
  #hasBegun = false;

  /** @param startedAt when the first attempt began, by `performance.now()`; this is the first when it is not given */
  constructor(parent: AbortSignal, timeouts: CallTimeouts, startedAt?: number) {
    const elapsed = startedAt === undefined ? 0 : performance.now() - startedAt;
    this.#parent = parent;
    this.#firstByte = setTimeout(() => {
      this.#abort(upstreamTimeout(tooLate('begin to answer', timeouts.firstByte)));
    }, timeouts.firstByte);
    this.#total = setTimeout(() => {
      this.#abort(upstreamOverdue(tooLate('finish its answer', timeouts.total)));
    }, timeouts.total - elapsed);
    if (parent.aborted) this.#onParentAbort();
    else parent.addEventListener('abort', this.#onParentAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether any of the answer's body has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  firstByteArrived(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
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

  #abort(reason: UpstreamError): void {
    this.#controller.abort(reason);
  }
}

function tooLate(what: string, milliseconds: number): string {
  return `The model provider did not ${what} within ${String(milliseconds)} ms.`;
}
