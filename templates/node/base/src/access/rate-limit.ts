import type { RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import type { Store } from '../store/ports.js';

const WINDOW_SECONDS = 60;

/** As OpenAI's API names them: https://platform.openai.com/docs/guides/rate-limits */
const HEADERS = {
  requests: {
    limit: 'x-ratelimit-limit-requests',
    remaining: 'x-ratelimit-remaining-requests',
    reset: 'x-ratelimit-reset-requests',
  },
  tokens: {
    limit: 'x-ratelimit-limit-tokens',
    remaining: 'x-ratelimit-remaining-tokens',
    reset: 'x-ratelimit-reset-tokens',
  },
} as const;

/** How a key stands to a limit. */
export interface Standing {
  readonly limit: RateLimit;
  readonly used: number;
  /** Until it may use all of it again. */
  readonly resetSeconds: number;
}

/** How much of one thing each key may use within a minute, which begins with its first use. */
export class RateLimit {
  readonly #limiter: RateLimiterAbstract;

  constructor(
    readonly unit: keyof typeof HEADERS,
    readonly perMinute: number,
    { createLimiter }: Pick<Store, 'createLimiter'>,
  ) {
    const keyPrefix = `limit:${unit}`;
    this.#limiter = createLimiter({ keyPrefix, points: perMinute, duration: WINDOW_SECONDS });
  }

  /** Counts what is used, also beyond the limit: who asks decides what that means. */
  use(key: string, amount: number): Promise<Standing> {
    return this.#limiter.penalty(key, amount).then(this.#toStanding);
  }

  giveBack(key: string, amount: number): Promise<Standing> {
    return this.#limiter.reward(key, amount).then(this.#toStanding);
  }

  readonly #toStanding = ({ consumedPoints, msBeforeNext }: RateLimiterRes): Standing => {
    return { limit: this, used: consumedPoints, resetSeconds: Math.ceil(msBeforeNext / 1000) };
  };
}

/** Headers that tell a caller how it stands. A limit that is switched off has none. */
export function describeStandings(
  standings: readonly (Standing | undefined)[],
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const standing of standings) {
    if (standing === undefined) continue;
    const { limit, used, resetSeconds } = standing;
    const names = HEADERS[limit.unit];
    headers[names.limit] = String(limit.perMinute);
    headers[names.remaining] = String(Math.max(0, limit.perMinute - used));
    headers[names.reset] = `${String(resetSeconds)}s`;
  }
  return headers;
}
