import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import type { Store } from '../store/ports.js';
import type { AdmissionMetrics } from '../telemetry/admission-metrics.js';
import type { Logger } from '../telemetry/logger.js';
import { describeStandings, RateLimit, type Standing } from './rate-limit.js';

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
  async admit(key: string): Promise<Record<string, string>> {
    const standings = await this.#count(key, 1);
    const [requests, tokens] = standings;
    if (requests !== undefined && requests.used > requests.limit.perMinute) {
      throw this.#refusal(requests, standings);
    }
    if (tokens !== undefined && tokens.used >= tokens.limit.perMinute) {
      throw this.#refusal(tokens, [await this.#requests?.giveBack(key, 1), tokens]);
    }
    return describeStandings(standings);
  }

  /** @returns headers that tell the caller what is left */
  async look(key: string): Promise<Record<string, string>> {
    return describeStandings(await this.#count(key, 0));
  }

  /** Notes what a run has used. Nobody waits for it. */
  charge(key: string, tokens: number): void {
    this.#tokens?.use(key, tokens).catch((error: unknown) => {
      this.dependencies.logger.warn({ err: error }, 'tokens could not be charged');
    });
  }

  #count(key: string, requests: number) {
    return Promise.all([this.#requests?.use(key, requests), this.#tokens?.use(key, 0)]);
  }

  #refusal(exceeded: Standing, standings: readonly (Standing | undefined)[]): ApiError {
    const { unit, perMinute } = exceeded.limit;
    this.dependencies.metrics.rateLimited.inc({ limit: unit });
    const seconds = String(Math.max(1, exceeded.resetSeconds));
    return new ApiError({
      status: 429,
      code: 'rate_limit_exceeded',
      message: `The limit of ${String(perMinute)} ${unit} per minute is reached. Try again in ${seconds} s.`,
      headers: { ...describeStandings(standings), 'retry-after': seconds },
    });
  }
}
