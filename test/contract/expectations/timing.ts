import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { UpstreamCall } from '../upstream/call.js';

/** Resolves to 'late' when a promise takes longer than so many milliseconds. */
export async function within<Value>(
  milliseconds: number,
  promise: Promise<Value>,
): Promise<Value | 'late'> {
  const timer = new AbortController();
  const late = sleep(milliseconds, 'late' as const, { signal: timer.signal });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

/** The contract's bound: an upstream call that nobody waits for any more is aborted within a second. */
export async function expectAbortWithinASecond(call: UpstreamCall, since: number): Promise<void> {
  const abandonedAt = await within(5_000, call.abandonment());
  expect(abandonedAt, 'the upstream call was to be aborted').not.toBe('late');
  expect(
    Number(abandonedAt) - since,
    'milliseconds until the upstream call was aborted',
  ).toBeLessThan(1_000);
}

/** Waits for a condition, looking often; fails with the description when it does not come true in time. */
export async function eventually(
  description: string,
  condition: () => boolean | Promise<boolean>,
  patience = 10_000,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`${description}: not so within ${String(patience)} ms.`);
    }
    await sleep(20);
  }
}
