import { beforeEach, describe, expect, it } from 'vitest';
import { chatCompletion } from '../../src/inference/chat-completion.js';
import { embedding } from '../../src/inference/embedding.js';
import { RepeatedKeys } from '../../src/inference/repeated-keys.js';

const source = {
  tenant: 'acme',
  task: chatCompletion,
  text: '{"model":"mock"}',
  input: { model: 'mock' },
};

describe('keys of repeated requests', () => {
  let keys: RepeatedKeys;
  beforeEach(() => {
    keys = new RepeatedKeys(10_000);
    keys.remember(source, 'a-key');
  });

  it('are found by the same text', () => {
    expect(keys.find({ ...source, input: { ...source.input } })).toBe('a-key');
  });

  it.each([
    ['tenant', { tenant: 'other' }],
    ['task', { task: embedding }],
    ['input', { input: { model: 'mock', user: 'added' } }],
    ['text', { text: '{"model":"mock" }' }],
    ['request whose text is not known', { text: undefined }],
  ])('are not those of another %s', (_what, change) => {
    expect(keys.find({ ...source, ...change })).toBeUndefined();
  });

  it('are not remembered without a text', () => {
    const unknown = { ...source, text: undefined };
    keys.remember(unknown, 'b-key');
    expect(keys.find(unknown)).toBeUndefined();
    expect(keys.find({ ...source, text: '' })).toBeUndefined();
  });

  it.each([
    [1_000, 10_000],
    [20, 20],
  ])('give way to %i others where the cache has room for %i', (others, entries) => {
    const bounded = new RepeatedKeys(entries);
    bounded.remember(source, 'a-key');
    for (let at = 0; at < others - 1; at += 1)
      bounded.remember({ ...source, text: `${at}` }, 'key');
    expect(bounded.find(source)).toBe('a-key');
    for (let at = 0; at < others; at += 1) bounded.remember({ ...source, text: `+${at}` }, 'key');
    expect(bounded.find(source)).toBeUndefined();
  });
});
