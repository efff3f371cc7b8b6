import { describe, expect, it } from 'vitest';
import {
  hasLongNumber,
  isNestedTooDeeply,
  parseJson,
  toCanonicalJson,
  toJson,
} from '../src/json.js';

describe('hasLongNumber', () => {
  it.each(['', '1'.repeat(15), `${'1'.repeat(15)}.${'2'.repeat(15)}`, '123 456'.repeat(20)])(
    'finds none in %j',
    (text) => {
      expect(hasLongNumber(text)).toBe(false);
    },
  );

  it('finds one wherever it begins', () => {
    for (let place = 0; place < 40; place += 1) {
      const before = '12a'.repeat(20).slice(0, place);
      expect(hasLongNumber(`${before}x${'9'.repeat(16)}`), before).toBe(true);
      expect(hasLongNumber(`${before}x${'9'.repeat(16)}y1`), before).toBe(true);
    }
  });
});

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

  it('lets the last of two fields of one name count, also beside a long number', () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(parseJson('{"a":1,"a":2,"b":1234567890123456}')).toMatchObject({ a: 2 });
  });

  it('knows nesting that would overflow the stack from brackets in a text', () => {
    expect(isNestedTooDeeply(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toBe(true);
    expect(isNestedTooDeeply(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`)).toBe(true);
    expect(isNestedTooDeeply(JSON.stringify({ text: '[{"\\'.repeat(5_000) }))).toBe(false);
    expect(isNestedTooDeeply(JSON.stringify(Array.from({ length: 5_000 }, () => [{}])))).toBe(
      false,
    );
  });

  it('is one text for equal values, whatever the order of their fields', () => {
    const names = Array.from({ length: 100 }, (_, index) => `n${String((index * 37) % 100)}`);
    for (const some of [names.slice(0, 20), names]) {
      const fields = some.map((name) => [name, { b: 1, a: [{ d: 2n ** 60n, c: null }] }] as const);
      const text = toCanonicalJson(Object.fromEntries(fields));
      expect(toCanonicalJson(Object.fromEntries(fields.toReversed()))).toBe(text);
      expect(Object.keys(parseJson(text) as object)).toEqual(some.toSorted());
      expect(text).toContain('{"a":[{"c":null,"d":1152921504606846976}],"b":1}');
    }
    expect(toCanonicalJson([2, 1])).not.toBe(toCanonicalJson([1, 2]));
    expect(toCanonicalJson({ b: [], a: [{}, undefined, '"'], c: undefined })).toBe(
      '{"a":[{},null,"\\""],"b":[]}',
    );
  });

  it('is another text for another time, which a schema may have made of what was sent', () => {
    expect(toCanonicalJson({ at: new Date(1) })).not.toBe(toCanonicalJson({ at: new Date(2) }));
  });

  it('refuses what is no JSON', () => {
    expect(() => parseJson('{"a":12345678901234567890')).toThrow(SyntaxError);
  });
});
