import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import type { Store } from '../store/ports.js';
import type { AdmissionMetrics } from '../telemetry/admission-metrics.js';
import type { Logger } from '../telemetry/logger.js';
import { RateLimit, type Standing } from './rate-limit.js';

type Headers = Readonly<Record<string, string>>;

export interface RateLimitsDependencies {
  readonly config: Pick<Config, 'RATE_LIMIT_REQUESTS_PER_MINUTE' | 'RATE_LIMIT_TOKENS_PER_MINUTE'>;
  readonly store: Pick<Store, 'createLimiter'>;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

/** Requests and tokens that each key may use within a minute. 0 switches a limit off. */
export class RateLimits {
  readonly #requests: RateLimit | undefined;
  readonly #tokens: RateLimit | undefined;

  constructor(private readonly dependencies: RateLimitsDependencies) {
    const { config, store } = dependencies;
    const { RATE_LIMIT_REQUESTS_PER_MINUTE: requests, RATE_LIMIT_TOKENS_PER_MINUTE: tokens } =
      config;
    if (requests > 0) this.#requests = new RateLimit('requests', requests, store);
    if (tokens > 0) this.#tokens = new RateLimit('tokens', tokens, store);
  }

  /**
   * Counts a request. What it will use is not known yet: it is let through while a token is left.
   *
   * @returns headers that tell the caller what is left
   * @throws {ApiError} 429, with the same headers
   */
  async admit(key: string): Promise<Headers> {
    const [requests, tokens] = await this.#standing(key, 1);
    if (requests !== undefined && requests.used > requests.limit.perMinute) {
      throw this.#refusal(requests, headersOf(requests, tokens));
    }
    if (tokens !== undefined && tokens.used >= tokens.limit.perMinute) {
      const given = await this.#requests?.giveBack(key, 1);
      throw this.#refusal(tokens, headersOf(given, tokens));
    }
    return headersOf(requests, tokens);
  }

  /** @returns headers that tell the caller what is left */
  async look(key: string): Promise<Headers> {
    return headersOf(...(await this.#standing(key, 0)));
  }

  /** Notes what a run has used. Nobody waits for it. */
  charge(key: string, tokens: number): void {
    this.#tokens?.use(key, tokens).catch((error: unknown) => {
      this.dependencies.logger.warn({ err: error }, 'tokens could not be charged');
    });
  }

  #standing(key: string, requests: number) {
    return Promise.all([this.#requests?.use(key, requests), this.#tokens?.use(key, 0)]);
  }

  #refusal({ limit: { unit, perMinute }, resetMs }: Standing, headers: Headers): ApiError {
    this.dependencies.metrics.rateLimited.inc({ limit: unit });
    const seconds = String(Math.max(1, Math.ceil(resetMs / 1000)));
    return new ApiError({
      status: 429,
      code: 'rate_limit_exceeded',
      message: `The limit of ${String(perMinute)} ${unit} per minute is reached. Try again in ${seconds} s.`,
      headers: { ...headers, 'retry-after': seconds },
    });
  }
}

function headersOf(requests: Standing | undefined, tokens: Standing | undefined): Headers {
  return {
    ...requests?.limit.headers(requests),
    ...tokens?.limit.headers(tokens),
  };
}
