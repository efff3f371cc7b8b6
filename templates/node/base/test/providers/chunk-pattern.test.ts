import { describe, expect, it } from 'vitest';
import type { ChatChunk } from '../../src/inference/chat-chunks.js';
import { parseJson } from '../../src/json.js';
import { ChunkPattern } from '../../src/providers/chunk-pattern.js';

const json = (text: string) => ({ text, value: parseJson(text) as ChatChunk });

/** A chunk, with the JSON of its content put in as it is. */
function chunk(content: string, { more = '', choice = '', reason = 'null' } = {}): string {
  const fields = `"index":0,${choice}"delta":{"content":${content}},"finish_reason":${reason}`;
  const usage = more.includes('"usage"') ? '' : ',"usage":null';
  return `{"id":"c","created":1,${more}"choices":[{${fields}}]${usage}}`;
}

function read(from: string, text: string) {
  const chunk = ChunkPattern.of(json(from))?.read(text);
  return chunk && { text: chunk.text, value: chunk.value, words: chunk.words };
}

describe('the pattern of a chunk', () => {
  it.each(['""', '" and"', '"\\n\\"\\u00e9\\ud83d\\ude80"', '"🚲"', '" x"'.repeat(1)])(
    'reads what differs only in its words: %s',
    (content) => {
      const text = chunk(content);
      for (const from of ['"first"', '""', '"\\n"'])
        expect(read(chunk(from), text)).toEqual({ ...json(text), words: parseJson(content) });
    },
  );

  it('keeps what stands around the words, long numbers too', () => {
    const more = '"seed":12345678901234567890,"x":{"content":"other"},';
    const [from, text] = [chunk('"a"', { more }), chunk('"b"', { more })];
    expect(read(from, text)).toEqual({ ...json(text), words: 'b' });
  });

  it.each([
    ['reasoning', '"a","reasoning":"hm"', {}],
    ['a refusal', '"a","refusal":""', {}],
    ['log probabilities', '"a"', { choice: '"logprobs":{"content":[]},' }],
    ['usage so far', '"a"', { more: '"usage":{"prompt_tokens":1},' }],
    ['a reason to end', '"a"', { reason: '"stop"' }],
  ])('knows that %s comes with the words', (_what, content, others) => {
    const text = chunk(content, others);
    expect(read(text, text)).toEqual({ ...json(text), words: undefined });
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
