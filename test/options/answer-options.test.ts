import { describe, expect, it, vi } from 'vitest';
import {
  answerOptions,
  checkGiven,
  defaultAnswer,
  findFault,
} from '../../src/options/answer-options.js';
import type { Option } from '../../src/options/option.js';

const store: Option = {
  name: 'store',
  type: 'choice',
  label: 'Store?',
  help: '',
  choices: [
    { value: 'memory', label: 'Memory' },
    { value: 'redis', label: 'Redis' },
  ],
  default: 'memory',
};
const cluster: Option = {
  name: 'cluster',
  type: 'boolean',
  label: 'Cluster?',
  help: '',
  default: false,
  when: { store: 'redis' },
};
const team: Option = {
  name: 'team',
  type: 'string',
  label: 'Team?',
  help: '',
  pattern: '^[a-z]+$',
  own: true,
};

describe('answerOptions', () => {
  it('takes what was given and asks for the rest, in order', async () => {
    const ask = vi.fn(() => 'core');
    const answers = await answerOptions([store, team], { store: 'redis' }, ask);
    expect(answers).toEqual({ store: 'redis', team: 'core' });
    expect(ask.mock.calls).toEqual([[team]]);
  });

  it('leaves out what does not apply', async () => {
    expect(await answerOptions([store, cluster], {}, defaultAnswer)).toEqual({ store: 'memory' });
    expect(await answerOptions([store, cluster], { store: 'redis' }, defaultAnswer)).toEqual({
      store: 'redis',
      cluster: false,
    });
  });

  it('does not ask where there is one answer only', async () => {
    const only = { ...store, choices: store.choices?.slice(1) ?? [] };
    const ask = vi.fn(() => 'memory');
    expect(await answerOptions([only], {}, ask)).toEqual({ store: 'redis' });
    expect(ask).not.toHaveBeenCalled();
  });

  it('reads true and false where they come as text', async () => {
    const given = { store: 'redis', cluster: 'true' };
    expect(await answerOptions([store, cluster], given, defaultAnswer)).toMatchObject({
      cluster: true,
    });
  });

  it.each([
    [
      { store: 'reddis' },
      '"reddis" is not a valid value for --store. Valid: memory, redis. Did you mean "redis"?',
    ],
    [{ cluster: true }, '--cluster applies only when store is redis.'],
    [{ team: 'Core' }, '"Core" is not a valid value for --set team: it must match ^[a-z]+$'],
    [{}, '"team" has no default: add --set team=<value>.'],
  ])('refuses %j with a sentence', async (given, sentence) => {
    await expect(answerOptions([store, cluster, team], given, defaultAnswer)).rejects.toThrow(
      sentence,
    );
  });
});

describe('checkGiven', () => {
  it('takes what is valid, and what is not given', () => {
    expect(() => {
      checkGiven([store, team], { store: 'redis' });
    }).not.toThrow();
  });

  it('says in words what a pattern asks for, where it has them', () => {
    const worded: Option = { ...team, form: 'lower-case letters' };
    expect(() => {
      checkGiven([worded], { team: 'Core' });
    }).toThrow('"Core" is not a valid value for --set team: it must be lower-case letters');
  });
});

describe('findFault', () => {
  const either: Option = { ...team, pattern: '[a-z]+|none' };

  it.each(['core', 'none'])('lets %j pass', (text) => {
    expect(findFault(either, text)).toBeUndefined();
  });

  it.each(['core1', '1core', 'none of them', ''])(
    'holds the whole of %j against a pattern',
    (text) => {
      expect(findFault(either, text)).toContain('must match [a-z]+|none');
    },
  );
});
