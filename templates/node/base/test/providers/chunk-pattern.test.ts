import { describe, expect, it } from 'vitest';
import type { ChatChunk } from '../../src/inference/chat-chunks.js';
import { parseJson } from '../../src/json.js';
import { ChunkPattern } from '../../src/providers/chunk-pattern.js';

const json = (text: string) => ({ text, value: parseJson(text) as ChatChunk });

/** A chunk, with the JSON of its content put in as it is. */
function chunk(content: string, { more = '', reason = 'null' } = {}): string {
  const choice = `{"index":0,"delta":{"content":${content}},"finish_reason":${reason}}`;
  return `{"id":"c","created":1,${more}"choices":[${choice}],"usage":null}`;
}

const read = (from: string, text: string) => ChunkPattern.of(json(from))?.read(text);

describe('the pattern of a chunk', () => {
  it.each(['""', '" and"', '"\\n\\"\\u00e9\\ud83d\\ude80"', '"🚲"', '" x"'.repeat(1)])(
    'reads what differs only in its words: %s',
    (content) => {
      const text = chunk(content);
      for (const from of ['"first"', '""', '"\\n"'])
        expect(read(chunk(from), text)).toEqual(json(text));
    },
  );

  it('keeps what stands around the words, long numbers too', () => {
    const more = '"seed":12345678901234567890,"x":{"content":"other"},';
    const [from, text] = [chunk('"a"', { more }), chunk('"b"', { more })];
    expect(read(from, text)).toEqual(json(text));
  });

  it.each([
    ['another end', chunk('"b"', { reason: '"stop"' })],
    ['another field', chunk('"b"', { more: '"x":1,' })],
    ['no words', chunk('null')],
    ['two fields in the place of one', chunk('"b","role":"assistant"')],
    ['words that are not JSON', chunk('"b\\x"')],
    ['a control character', chunk('"b\tc"')],
    ['a quote too few', chunk('"b')],
    ['nothing', ''],
    ['its two ends, one over the other', chunk('"a"').replace('"a"', '').slice(0, -1)],
  ])('does not read %s', (_what, text) => {
    expect(read(chunk('"a"'), text)).toBeUndefined();
  });

  it.each([
    [
      'the words stand elsewhere, too',
      '{"x":{"content":"a"},"choices":[{"index":0,"delta":{"content" : "a"}}]}',
    ],
    [
      'what is between two strings looks like them',
      '{"content":"x","choices":[{"index":0,"delta":{"content":","}}]}',
    ],
    ['they are written in another way', '{"choices":[{"index":0,"delta":{"content":"\\u0061"}}]}'],
    [
      'there are two choices',
      '{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"a"}}]}',
    ],
    ['there are none', '{"choices":[],"usage":{"prompt_tokens":1}}'],
  ])('is not made where %s', (_what, text) => {
    expect(ChunkPattern.of(json(text))).toBeUndefined();
  });
});
