import { setTimeout as sleep } from 'node:timers/promises';
import { toAbortSignal, type AbortSignalLike } from '../abort-signal.js';
import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import type { ProviderCall } from '../providers/provider.js';
import { retryAfter } from '../providers/retry-after.js';
import { UpstreamError } from '../providers/upstream-error.js';
import type { LogBindings, Logger } from '../telemetry/logger.js';
import type { CallMeter } from '../telemetry/call-meter.js';
import type { Operation } from '../telemetry/gen-ai-conventions.js';
import type { ModelCallMetrics } from '../telemetry/model-call-metrics.js';
import type { Span } from '../telemetry/tracing.js';
import type { ModelRoute } from './model-routes.js';
import { retryDelay } from './retry-delay.js';

export interface ModelCallDependencies {
  readonly config: Pick<Config, 'PROVIDER_MAX_RETRIES' | 'PROVIDER_TIMEOUT_MS'>;
  readonly metrics: ModelCallMetrics;
  readonly logger: Logger;
}

/** What a call is a part of. */
export interface CallOrigin {
  /** Fields for what is logged, such as `request_id`. */
  readonly bindings: LogBindings;
  /** What the calls are a part of, where that is traced. */
  readonly span: Span | null;
}

/** On whose behalf a call is made. */
export interface ModelCallContext extends CallOrigin {
  readonly signal: AbortSignalLike;
}

/** Asks one target once. It must come back with the first chunk of a stream: after it, nothing else can be tried. */
export type Attempt<Answer> = (
  call: ProviderCall,
  route: ModelRoute,
  meter: CallMeter,
) => Promise<Answer>;

/** One call of a model, in as many attempts as it takes. */
export class ModelCall {
  readonly #startedAt = performance.now();
  #attempts = 0;
  #retriesLeft: number;
  #failure: UpstreamError | undefined;

  constructor(
    private readonly dependencies: ModelCallDependencies,
    private readonly context: ModelCallContext,
    private readonly operation: Operation,
    private readonly routes: readonly ModelRoute[],
    /** Told when the caller leaves a target that was asked already, and works on. */
    private readonly onAbandoned: (meter: CallMeter) => void,
  ) {
    this.#retriesLeft = dependencies.config.PROVIDER_MAX_RETRIES;
  }

  /**
   * Asks a target again while that may help and retries are left, and then the next one: n retries and k targets are at
   * most n + k attempts.
   *
   * @throws {UpstreamError} the last failure
   * @throws {ApiError} 503 when every circuit is open
   */
  async firstAnswer<Answer extends object>(attempt: Attempt<Answer>): Promise<Answer> {
    for (const route of this.routes) {
      this.#noteFallback(route);
      for (let attempts = 1; route.breaker.admitsCalls(); attempts += 1) {
        try {
          return await this.#attempt(route, attempt);
        } catch (error) {
          if (!(await this.#mayRepeat(route, this.#localFailure(error), attempts))) break;
        }
      }
    }
    throw this.#failure ?? providerUnavailable(this.routes);
  }

  #noteFallback({ where, breaker, labels }: ModelRoute): void {
    if (where.place > 0 && breaker.admitsCalls()) this.dependencies.metrics.fellBack(labels);
  }

  /** Waits until the target may be asked again; false when the next one is to be asked instead. */
  async #mayRepeat(
    { breaker, labels }: ModelRoute,
    failure: UpstreamError,
    attempts: number,
  ): Promise<boolean> {
    const delay = this.#delay(failure, attempts);
    if (delay === null || !breaker.admitsCalls()) return false;
    await sleep(delay, undefined, { signal: toAbortSignal(this.context.signal) });
    this.#retriesLeft -= 1;
    this.dependencies.metrics.retried(labels, failure.kind);
    return true;
  }

  async #attempt<Answer>(route: ModelRoute, attempt: Attempt<Answer>): Promise<Answer> {
    const { signal, span } = this.context;
    signal.throwIfAborted();
    this.#attempts += 1;
    const { target, breaker } = route;
    const meter = route.meters[this.operation].start(span);
    const { traceHeaders } = meter;
    const call = { target, signal, startedAt: this.#startedAt, traceHeaders };
    const isProbe = breaker.begin();
    try {
      const answer = await attempt(call, route, meter);
      breaker.succeeded(isProbe);
      return answer;
    } catch (error) {
      breaker.failed(isProbe, error);
      if (signal.aborted) this.onAbandoned(meter);
      meter.end(error);
      this.noteFailure(error, route);
      throw error;
    }
  }

  /** What has gone wrong upstream, without a word of what was asked or answered. */
  noteFailure(error: unknown, { where }: ModelRoute): void {
    const { signal, bindings } = this.context;
    if (signal.aborted || !(error instanceof UpstreamError)) return;
    const { kind, status, body, upstreamStatus, cause } = error;
    const { name, code } = (cause ?? {}) as { name?: string; code?: string };
    const reason = {
      attempt: this.#attempts,
      reason: kind,
      status,
      code: body.code,
      upstream_status: upstreamStatus,
      cause: code ?? name,
    };
    this.dependencies.logger.warn({ ...bindings, ...where, ...reason }, 'model call failed');
  }

  /** @throws what ends the whole call: the caller has left, or no target would do better */
  #localFailure(error: unknown): UpstreamError {
    const isLocal = error instanceof UpstreamError && error.traits.isLocal;
    if (!isLocal || this.context.signal.aborted) throw error;
    this.#failure = error;
    return error;
  }

  /** Milliseconds; null when the same target is not to be asked again. */
  #delay(failure: UpstreamError, attempts: number): number | null {
    const delay = this.#retriesLeft > 0 ? retryDelay(failure, attempts) : null;
    const timeLeft =
      this.#startedAt + this.dependencies.config.PROVIDER_TIMEOUT_MS - performance.now();
    return delay !== null && delay < timeLeft ? delay : null;
  }
}

function providerUnavailable(routes: readonly ModelRoute[]): ApiError {
  const wait = Math.min(...routes.map(({ breaker }) => breaker.msUntilProbe));
  return new ApiError({
    status: 503,
    code: 'provider_unavailable',
    message: 'The model provider has failed repeatedly, and is not called for a moment.',
    headers: retryAfter(wait),
  });
}
