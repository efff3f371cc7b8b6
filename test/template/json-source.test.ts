import { describe, expect, it } from 'vitest';
import { parseJsonSource } from '../../src/template/json-source.js';

const text = `{
  "name": "a, {b}",
  "list": [
    { "from": "x" },
    { "from": "y",
      "when": { "name": true } }
  ],
  "deep": { "list": [1,
    2] }
}`;

describe('lineOf', () => {
  it.each([
    [['name'], 2],
    [['list'], 3],
    [['list', 0], 4],
    [['list', 1], 5],
    [['list', 1, 'from'], 5],
    [['list', 1, 'when'], 6],
    [['list', 1, 'when', 'name'], 6],
    [['deep', 'list', 1], 9],
    [['missing'], 1],
    [[], 1],
  ])('finds %j on line %i', (path, line) => {
    expect(parseJsonSource(text, 'f').lineOf(path)).toBe(line);
  });
});

describe('text that is not JSON', () => {
  it.each([
    ['{\n  "a": 1,\n}\n', 3],
    ['{\n  "a": 1\n', 2],
    ['{\n  "a": [}\n}\n', 2],
    ['{\n  "a": tru\n}\n', 2],
    ['{\n  "a": "b\n}\n', 2],
    ['', 1],
    ['{ "a" 1 }', 1],
  ])('%j is refused with line %i', (broken, line) => {
    expect(() => parseJsonSource(broken, 'x/template.json')).toThrow(
      `x/template.json:${line}: not valid JSON`,
    );
  });
});
