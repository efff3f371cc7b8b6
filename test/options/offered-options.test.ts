import { describe, expect, it } from 'vitest';
import { offeredOptions, supportedOptions } from '../../src/options/offered-options.js';
import { OPTIONS } from '../../src/options/table.js';
import schema from '../../src/template/template.schema.json' with { type: 'json' };

const entry = (name: string, supports: Record<string, (string | boolean)[]>) => ({
  name,
  title: name,
  description: '',
  supports,
});

describe('the options that are offered', () => {
  it('hold only what some template supports', () => {
    const offered = offeredOptions([
      entry('a', { store: ['memory'], docker: [true, false] }),
      entry('b', { store: ['memory', 'redis'] }),
    ]);
    const values = (name: string): unknown =>
      offered.find((option) => option.name === name)?.choices?.map(({ value }) => value);
    expect(values('framework')).toEqual(['a', 'b']);
    expect(values('store')).toEqual(['memory', 'redis']);
    expect(offered.map(({ name }) => name)).not.toContain('ci');
    expect(offered.map(({ name }) => name)).toContain('on-conflict');
  });

  it('of one template have a default that it supports', () => {
    const options = supportedOptions({
      ci: ['none'],
      docker: [false],
      'package-manager': ['bun', 'pnpm'],
    });
    expect(options.map(({ name, default: value }) => [name, value])).toEqual([
      ['package-manager', 'pnpm'],
      ['ci', 'none'],
      ['docker', false],
    ]);
  });
});

describe('the schema of template.json', () => {
  it('allows in "supports" exactly what the table has', () => {
    const fromTable = OPTIONS.filter(
      ({ scope, name }) => scope === 'project' && name !== 'framework',
    ).map((option) => [
      option.name,
      'choices' in option ? option.choices.map(({ value }) => value) : [true, false],
    ]);
    const fromSchema = Object.entries(schema.properties.supports.properties).map(
      ([name, { items }]) => [name, items.enum],
    );
    expect(fromSchema).toEqual(fromTable);
  });
});
