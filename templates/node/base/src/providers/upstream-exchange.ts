import { ConnectTimeoutError } from 'undici/lib/core/errors.js';
import type { AbortSignalLike } from '../abort-signal.js';
import { CallTimers, type CallTimeouts } from './call-timers.js';
import type { ProviderCall } from './provider.js';
import { UpstreamAnswer } from './upstream-answer.js';
import {
  UpstreamError,
  upstreamFault,
  upstreamTimeout,
  upstreamUnreachable,
} from './upstream-error.js';

/** One request to a provider's server: it ends when its caller leaves, or when it takes too long. */
export class UpstreamExchange {
  readonly answer = new UpstreamAnswer();
  readonly #signal: AbortSignalLike;
  readonly #timers: CallTimers;

  constructor(
    { signal, startedAt }: ProviderCall,
    timeouts: CallTimeouts,
    noFirstByte: (message: string) => UpstreamError,
  ) {
    this.#signal = signal;
    this.#timers = new CallTimers(timeouts, this.answer, noFirstByte, startedAt);
    if (signal.aborted) this.#leave();
    else signal.addEventListener('abort', this.#leave);
  }

  /** Waits for nothing more. */
  end(): void {
    this.#timers.stop();
    this.#signal.removeEventListener('abort', this.#leave);
  }

  /** An abort by the caller stays what it is; everything else has failed upstream. */
  explain(error: unknown): unknown {
    if (error instanceof UpstreamError || this.#signal.aborted) return error;
    if (error instanceof ConnectTimeoutError) {
      return upstreamTimeout('The model provider could not be reached in time.');
    }
    if (this.answer.hasBegun) {
      return upstreamFault('The model provider broke off its answer.', error);
    }
    return upstreamUnreachable('The model provider could not be reached.', error);
  }

  readonly #leave = (): void => {
    this.answer.abort(this.#signal.reason);
  };
}
