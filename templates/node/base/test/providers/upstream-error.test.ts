import { describe, expect, it } from 'vitest';
import { upstreamFailure } from '../../src/providers/upstream-error.js';

describe('a failure of a provider', () => {
  it.each([
    ['no header', undefined, null, '1'],
    ['seconds', '7', 7_000, '7'],
    ['part of a second', '0.25', 250, '1'],
    ['a date in the past', 'Wed, 21 Oct 2015 07:28:00 GMT', 0, '1'],
    ['neither', 'soon', null, '1'],
  ])('says when to come back: %s', (_case, header, retryAfterMs, toCaller) => {
    const failure = upstreamFailure(429, {}, header);
    expect(failure.retryAfterMs).toBe(retryAfterMs);
    expect(failure.headers).toEqual({ 'retry-after': toCaller });
  });

  it('says when to come back by a date too', () => {
    const header = new Date(Date.now() + 60_000).toUTCString();
    const { retryAfterMs } = upstreamFailure(503, {}, header);
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it.each([
    ['the quota is used up', 429, { code: 'insufficient_quota' }, 'out_of_quota'],
    ['the quota is used up, by type', 429, { type: 'insufficient_quota' }, 'out_of_quota'],
    ['the key is wrong', 401, {}, 'refused'],
    ['nobody has paid', 402, {}, 'refused'],
  ])('tells callers not to come back when %s', (_case, status, problem, kind) => {
    const failure = upstreamFailure(status, problem);
    expect(failure.kind).toBe(kind);
    expect(failure.headers).toMatchObject({ 'x-should-retry': 'false' });
  });
});
