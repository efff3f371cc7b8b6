import { describe, expect, it } from 'vitest';
import { findNameFault, toValidName } from '../../src/project/project-name.js';

describe('a name', () => {
  it.each(['a', 'my-ai', 'my.ai', 'my_ai', '2048', 'a'.repeat(214)])('may be %s', (name) => {
    expect(findNameFault(name)).toBeUndefined();
  });

  it.each([
    ['Foo Bar', 'foo-bar'],
    ['  My   App  ', 'my-app'],
    ['Käse', 'kase'],
    ['_x', 'x'],
    ['.env', 'env'],
    ['a--', 'a'],
    ['http', 'http-app'],
    ['node_modules', 'node_modules-app'],
    ['con', 'con-app'],
    ['@scope', 'scope'],
  ])('that is %j may be %j instead', (name, valid) => {
    expect(findNameFault(name)).toBeDefined();
    expect(toValidName(name)).toBe(valid);
    expect(findNameFault(valid)).toBeUndefined();
  });

  it.each(['日本', '---', ''])('of %j leaves nothing', (name) => {
    expect(toValidName(name)).toBeUndefined();
  });
});
