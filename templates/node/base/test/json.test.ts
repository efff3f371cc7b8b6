import { describe, expect, it } from 'vitest';
import { parseJson, toJson } from '../src/json.js';

describe('JSON', () => {
  it.each([
    '{"seed":9007199254740993}',
    '[-12345678901234567890,1.5,0.1234567890123456,1e+21,"12345678901234567890"]',
    '{"a":{"b":[null,true,"ü\\n"]}}',
  ])('passes through as it came: %s', (text) => {
    expect(toJson(parseJson(text))).toBe(text);
  });

  it('has ordinary numbers wherever a double holds them', () => {
    expect(parseJson('[9007199254740991,1.7976931348623157e308]')).toEqual([
      9_007_199_254_740_991, 1.797_693_134_862_315_7e308,
    ]);
  });

  it('refuses what is no JSON', () => {
    expect(() => parseJson('{"a":12345678901234567890')).toThrow(SyntaxError);
  });
});
