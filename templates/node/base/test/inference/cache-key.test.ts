import { describe, expect, it } from 'vitest';
import { cacheKey } from '../../src/inference/cache-key.js';

const parts = {
  tenant: 'acme',
  task: { name: 'embedding', version: 1 },
  destination: '[{"provider":"openai","model":"m"}]',
  input: { model: 'default', input: 'text', nested: { a: 1, b: 2 } },
};

describe('the cache key', () => {
  it('does not depend on the order of keys', () => {
    const input = { nested: { b: 2, a: 1 }, input: 'text', model: 'default' };
    expect(cacheKey({ ...parts, input })).toBe(cacheKey(parts));
  });

  it.each([
    ['tenant', { tenant: 'other' }],
    ['task', { task: { name: 'other', version: 1 } }],
    ['version of the task', { task: { name: 'embedding', version: 2 } }],
    ['place where the model is', { destination: '[{"provider":"openai","model":"other"}]' }],
    ['input', { input: { ...parts.input, input: 'other' } }],
  ])('differs by %s', (_what, change) => {
    expect(cacheKey({ ...parts, ...change })).not.toBe(cacheKey(parts));
  });
});
