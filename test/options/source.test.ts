import { describe, expect, it } from 'vitest';
import { firstOf, flagSpelling, type Source } from '../../src/options/source.js';

const flags: Source = { answers: { store: 'redis' }, set: {}, spelling: flagSpelling };
const file: Source = {
  answers: { store: 'memory', ci: 'none' },
  set: { team: 'core' },
  spelling: ({ name }) => `"${name}" in a.json`,
};
const environment: Source = {
  answers: { ci: 'github', docker: 'false' },
  set: { team: 'search', style: 'plain' },
  spelling: ({ name }) => `$${name}`,
};

describe('answers from several places', () => {
  const all = firstOf(flags, file, environment);

  it('count from the first place that has them', () => {
    expect(all.answers).toEqual({ store: 'redis', ci: 'none', docker: 'false' });
    expect(all.set).toEqual({ team: 'core', style: 'plain' });
  });

  it.each([
    ['store', false, '--store'],
    ['ci', false, '"ci" in a.json'],
    ['docker', false, '$docker'],
    ['team', true, '"team" in a.json'],
    ['style', true, '$style'],
    ['provider', false, '--provider'],
    ['length', true, '--set length'],
  ])('are called as they are called there: %s', (name, own, spelling) => {
    expect(all.spelling({ name, own })).toBe(spelling);
  });
});
