import { describe, expect, it } from 'vitest';
import { strictData } from '../../src/plan/strict-data.js';

const data = strictData({
  project: { name: 'x' },
  options: { docker: false },
  facts: { commands: { install: ['npm', 'ci'] }, empty: '' },
});
const facts = data.facts as { commands: Record<string, string[]>; empty: string };

describe('strictData', () => {
  it('gives what is there, however it is asked for', () => {
    expect(facts.commands['install']?.map((part) => part.toUpperCase()).join(' ')).toBe('NPM CI');
    expect([...(facts.commands['install'] ?? [])]).toEqual(['npm', 'ci']);
    expect(Object.entries(facts.commands)).toHaveLength(1);
    expect('setup' in facts.commands).toBe(false);
    expect(JSON.stringify(data.options)).toBe('{"docker":false}');
    expect(facts.empty).toBe('');
  });

  it('refuses what is not, by its whole name', () => {
    expect(() => facts.commands['setup']).toThrow(
      'facts.commands.setup does not exist. There are: install',
    );
    expect(() => data.options['dokcer']).toThrow('options.dokcer does not exist');
    expect(() => facts.commands['install']?.[2]).toThrow('facts.commands.install.2 does not exist');
  });

  it('cannot be changed', () => {
    expect(() => {
      facts.commands['x'] = [];
    }).toThrow('cannot be changed');
  });
});
