import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Store } from '../store/ports.js';

const WINDOW_SECONDS = 60;

/** How a key stands to a limit. */
export interface Standing {
  readonly limit: RateLimit;
  readonly used: number;
  /** Milliseconds until it may use all of it again. */
  readonly resetMs: number;
}

/** How much of one thing each key may use within a minute, which begins with its first use. */
export class RateLimit {
  readonly #limiter: RateLimiterAbstract;
  readonly #header: Readonly<Record<'limit' | 'remaining' | 'reset', string>>;

  constructor(
    readonly unit: 'requests' | 'tokens',
    readonly perMinute: number,
    { createLimiter }: Pick<Store, 'createLimiter'>,
  ) {
    const keyPrefix = `limit:${unit}`;
    this.#limiter = createLimiter({ keyPrefix, points: perMinute, duration: WINDOW_SECONDS });
    this.#header = {
      limit: `x-ratelimit-limit-${unit}`,
      remaining: `x-ratelimit-remaining-${unit}`,
      reset: `x-ratelimit-reset-${unit}`,
    };
  }

  /** Counts what is used, also beyond the limit: who asks decides what that means. */
  async use(key: string, amount: number): Promise<Standing> {
    const { consumedPoints, msBeforeNext } = await this.#limiter.penalty(key, amount);
    return { limit: this, used: consumedPoints, resetMs: msBeforeNext };
  }

  async giveBack(key: string, amount: number): Promise<Standing> {
    const { consumedPoints, msBeforeNext } = await this.#limiter.reward(key, amount);
    return { limit: this, used: consumedPoints, resetMs: msBeforeNext };
  }

  /** As OpenAI's API says it: https://platform.openai.com/docs/guides/rate-limits */
  headers({ used, resetMs }: Standing): Readonly<Record<string, string>> {
    return {
      [this.#header.limit]: String(this.perMinute),
      [this.#header.remaining]: String(Math.max(0, this.perMinute - used)),
      [this.#header.reset]: `${String(resetMs / 1000)}s`,
    };
  }
}
