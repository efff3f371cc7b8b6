import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallTimers } from '../../src/providers/call-timers.js';

const timeouts = { firstByte: 100, total: 1_000 };

describe('the timers of a call', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = (startedAt?: number) =>
    new CallTimers(new AbortController().signal, timeouts, startedAt);

  it('wait for the first byte of every attempt', () => {
    const timers = start(performance.now() - 500);
    vi.advanceTimersByTime(99);
    expect(timers.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(timers.signal.reason).toMatchObject({ kind: 'timeout', status: 504 });
  });

  it('wait for the end of all attempts together', () => {
    const timers = start(performance.now() - 500);
    timers.firstByteArrived();
    vi.advanceTimersByTime(499);
    expect(timers.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(timers.signal.reason).toMatchObject({ kind: 'overdue', status: 504 });
  });

  it('leave nothing behind', () => {
    const timers = start();
    expect(vi.getTimerCount()).toBe(2);
    timers.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
