import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../src/options/nearest.js';

describe('nearest', () => {
  const flags = ['framework', 'store', 'provider', 'package-manager', 'dry-run', 'yes'];

  it.each([
    ['framwork', 'framework'],
    ['stroe', 'store'],
    ['STORE', 'store'],
    ['dryrun', 'dry-run'],
    ['package-manger', 'package-manager'],
    ['yse', 'yes'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearest(typed, flags)).toBe(meant);
  });

  it.each(['zzz', 'database', ''])('has no idea what %j means', (typed) => {
    expect(nearest(typed, flags)).toBeUndefined();
  });

  it('becomes a question, or nothing', () => {
    expect(didYouMean('stor', flags, '--')).toBe(' Did you mean "--store"?');
    expect(didYouMean('qqq', flags)).toBe('');
  });
});
