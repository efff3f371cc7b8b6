import { expect } from 'vitest';
import type { Answer } from './client.js';
import type { IncomingHttpHeaders } from 'node:http';

export type Limited = 'requests' | 'tokens';

/** What an answer says of a limit; undefined where it says nothing. */
export interface LimitState {
  limit: number;
  remaining: number;
  /** Seconds. */
  reset: number;
}

export function limitState(
  { headers }: { headers: IncomingHttpHeaders },
  limited: Limited,
): LimitState | undefined {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map(
    (part) => headers[`x-ratelimit-${part}-${limited}`],
  );
  if (limit === undefined && remaining === undefined && reset === undefined) return undefined;
  expect(limit, `x-ratelimit-limit-${limited}`).toMatch(/^\d+$/u);
  expect(remaining, `x-ratelimit-remaining-${limited}`).toMatch(/^\d+$/u);
  return { limit: Number(limit), remaining: Number(remaining), reset: seconds(String(reset)) };
}

/** What an answer must say of a limit. */
export function limitOf(answer: Pick<Answer, 'headers'>, limited: Limited): LimitState {
  const state = limitState(answer, limited);
  if (state === undefined) throw new Error(`The answer has no x-ratelimit-*-${limited}.`);
  return state;
}

/** Seconds of a duration as OpenAI writes it: `1s`, `6m0s`, `59.5s`, `120ms`. */
function seconds(duration: string): number {
  expect(duration, 'a duration as OpenAI writes it').toMatch(
    /^(?=\d)(?:\d+h)?(?:\d+m(?!s))?(?:\d+(?:\.\d+)?s)?(?:\d+(?:\.\d+)?ms)?$/u,
  );
  const perUnit: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1, ms: 0.001 };
  return [...duration.matchAll(/([\d.]+)(ms|h|m|s)/gu)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (perUnit[unit] ?? 0),
    0,
  );
}
