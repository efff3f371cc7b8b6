import { upstreamOverdue, type UpstreamError } from './upstream-error.js';

export interface CallTimeouts {
  /** Milliseconds until the first byte of the answer's body. Every attempt has them anew. */
  readonly firstByte: number;
  /** Milliseconds for the whole call, all its attempts together. */
  readonly total: number;
}

/** A call whose time is limited. */
interface TimedCall {
  /** Whether any of the answer's body has come. */
  readonly hasBegun: boolean;
  abort(reason: UpstreamError): void;
}

/** Ends a call that takes too long. One timer stands for both limits: nearly all calls need neither. */
export class CallTimers {
  readonly #endsAt: number;
  #timer: NodeJS.Timeout;

  /**
   * @param noFirstByte what has failed when no byte came in time
   * @param startedAt when the first attempt began, by `performance.now()`
   */
  constructor(
    private readonly timeouts: CallTimeouts,
    private readonly call: TimedCall,
    private readonly noFirstByte: (message: string) => UpstreamError,
    startedAt: number = performance.now(),
  ) {
    this.#endsAt = startedAt + timeouts.total;
    this.#timer = setTimeout(this.#look, Math.min(timeouts.firstByte, this.#timeLeft));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Whole milliseconds, as timers count them. */
  get #timeLeft(): number {
    return Math.round(this.#endsAt - performance.now());
  }

  readonly #look = (): void => {
    const { firstByte, total } = this.timeouts;
    const timeLeft = this.#timeLeft;
    if (timeLeft <= 0) this.call.abort(upstreamOverdue(tooLate('finish its answer', total)));
    else if (this.call.hasBegun) this.#timer = setTimeout(this.#look, timeLeft);
    else this.call.abort(this.noFirstByte(tooLate('begin to answer', firstByte)));
  };
}

function tooLate(what: string, milliseconds: number): string {
  return `The model provider did not ${what} within ${String(milliseconds)} ms.`;
}
