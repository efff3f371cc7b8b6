import { upstreamOverdue, upstreamTimeout, type UpstreamError } from './upstream-error.js';

export interface CallTimeouts {
  /** Milliseconds until the first byte of the answer's body. Every attempt has them anew. */
  readonly firstByte: number;
  /** Milliseconds for the whole call, all its attempts together. */
  readonly total: number;
}

/** Tells when a call takes too long. */
export class CallTimers {
  readonly #firstByte: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;
  #hasBegun = false;

  /**
   * @param onTimeout called at most once for each timeout
   * @param startedAt when the first attempt began, by `performance.now()`; this is the first when it is not given
   */
  constructor(
    timeouts: CallTimeouts,
    onTimeout: (error: UpstreamError) => void,
    startedAt?: number,
  ) {
    const elapsed = startedAt === undefined ? 0 : performance.now() - startedAt;
    this.#firstByte = setTimeout(() => {
      onTimeout(upstreamTimeout(tooLate('begin to answer', timeouts.firstByte)));
    }, timeouts.firstByte);
    this.#total = setTimeout(() => {
      onTimeout(upstreamOverdue(tooLate('finish its answer', timeouts.total)));
    }, timeouts.total - elapsed);
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
  }
}

function tooLate(what: string, milliseconds: number): string {
  return `The model provider did not ${what} within ${String(milliseconds)} ms.`;
}
