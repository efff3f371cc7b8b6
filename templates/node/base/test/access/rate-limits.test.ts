import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimits } from '../../src/access/rate-limits.js';
import { AdmissionMetrics } from '../../src/telemetry/admission-metrics.js';
import { createLogger } from '../../src/telemetry/logger.js';

function createLimits(requests: number, tokens: number): RateLimits {
  return new RateLimits({
    config: { RATE_LIMIT_REQUESTS_PER_MINUTE: requests, RATE_LIMIT_TOKENS_PER_MINUTE: tokens },
    store: { createLimiter: (options) => new RateLimiterMemory(options) },
    metrics: new AdmissionMetrics(new Registry()),
    logger: createLogger({ LOG_LEVEL: 'silent' }),
  });
}

const refusal = (text: RegExp, headers: object) =>
  expect.objectContaining({
    status: 429,
    message: expect.stringMatching(text) as unknown,
    headers: expect.objectContaining(headers) as unknown,
  }) as Error;

describe('rate limits', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('admit as many requests as there are in a minute, and then again', async () => {
    const limits = createLimits(2, 0);
    const first = await limits.admit('key');
    expect(first).toEqual({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '60s',
    });
    vi.advanceTimersByTime(20_500);
    expect(await limits.admit('key')).toMatchObject({ 'x-ratelimit-remaining-requests': '0' });
    const reached = refusal(/2 requests/, {
      'retry-after': '40',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '40s',
    });
    await expect(limits.admit('key')).rejects.toEqual(reached);
    await expect(limits.admit('another')).resolves.toBeDefined();
    vi.advanceTimersByTime(39_500);
    expect(await limits.admit('key')).toMatchObject({ 'x-ratelimit-remaining-requests': '1' });
  });

  it('admit while a token is left; a refusal costs no request', async () => {
    const limits = createLimits(10, 100);
    limits.charge('key', 99);
    expect(await limits.admit('key')).toMatchObject({ 'x-ratelimit-remaining-tokens': '1' });
    limits.charge('key', 500);
    const reached = refusal(/100 tokens/, {
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-remaining-requests': '9',
    });
    await expect(limits.admit('key')).rejects.toEqual(reached);
    expect(await limits.look('key')).toMatchObject({ 'x-ratelimit-remaining-requests': '9' });
  });

  it('say nothing where they are switched off', async () => {
    const limits = createLimits(0, 0);
    limits.charge('key', 1_000_000);
    expect(await limits.admit('key')).toEqual({});
  });
});
