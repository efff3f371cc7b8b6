import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallTimers } from '../../src/providers/call-timers.js';
import { upstreamTimeout } from '../../src/providers/upstream-error.js';

const timeouts = { firstByte: 100, total: 1_000 };

describe('the timers of a call', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function start(startedAt?: number) {
    const failures: unknown[] = [];
    const call = { hasBegun: false, abort: (error: unknown) => failures.push(error) };
    const timers = new CallTimers(timeouts, call, upstreamTimeout, startedAt);
    return { call, timers, failures };
  }

  it('wait for the first byte of every attempt', () => {
    const { failures } = start(performance.now() - 500);
    vi.advanceTimersByTime(99);
    expect(failures).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(failures).toMatchObject([{ kind: 'timeout', status: 504 }]);
  });

  it('wait for the end of all attempts together', () => {
    const { call, failures } = start(performance.now() - 500);
    call.hasBegun = true;
    vi.advanceTimersByTime(499);
    expect(failures).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(failures).toMatchObject([{ kind: 'overdue', status: 504 }]);
  });

  it('tell of the whole call where no attempt has time left for a first byte of its own', () => {
    const { failures } = start(performance.now() - 950);
    vi.advanceTimersByTime(50);
    expect(failures).toMatchObject([{ kind: 'overdue', status: 504 }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leave nothing behind', () => {
    const { timers } = start();
    expect(vi.getTimerCount()).toBe(1);
    timers.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
