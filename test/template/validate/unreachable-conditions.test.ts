import { describe, expect, it } from 'vitest';
import type { Option, When } from '../../../src/options/option.js';
import { findContradiction } from '../../../src/template/validate/unreachable-conditions.js';

const choice = (name: string, values: readonly string[], when: When = {}): Option => ({
  name,
  type: 'choice',
  label: name,
  help: name,
  choices: values.map((value) => ({ value, label: value })),
  when,
});

/** In the order in which they are asked. */
const OPTIONS: readonly Option[] = [
  choice('size', ['small', 'large']),
  choice('store', ['memory', 'redis'], { size: 'large' }),
  choice('cluster', ['one', 'many'], { store: ['redis'] }),
];

describe('findContradiction', () => {
  it.each<[When]>([
    [{}],
    [{ size: 'small' }],
    [{ cluster: 'many' }],
    [{ cluster: 'many', size: ['small', 'large'] }],
    [{ size: ['small', 'huge'] }],
  ])('finds none in %j', (when) => {
    expect(findContradiction(when, OPTIONS)).toBeUndefined();
  });

  it.each<[When, string]>([
    [{ size: 'huge' }, '"size" is never huge here, but small or large'],
    [{ colour: 'red' }, 'no template here supports "colour"'],
    [{ store: 'redis', size: 'small' }, '"size" would have to be small and large at once'],
    [{ size: 'small', cluster: 'many' }, '"size" would have to be large and small at once'],
    [{ cluster: 'many', store: 'memory' }, '"store" would have to be memory and redis at once'],
  ])('finds one in %j', (when, reason) => {
    expect(findContradiction(when, OPTIONS)).toContain(reason);
  });

  it('knows what is asked before what', () => {
    expect(findContradiction({ size: 'large' }, OPTIONS, 'store')).toBeUndefined();
    expect(findContradiction({ cluster: 'one' }, OPTIONS, 'store')).toContain(
      'asked after "store"',
    );
  });
});
