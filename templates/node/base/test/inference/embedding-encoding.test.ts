import { describe, expect, it } from 'vitest';
import { encodeEmbeddings, toBase64 } from '../../src/inference/embedding-encoding.js';

const VECTOR = [0.5, -2, 0];
/** 0.5 is 3f000000, and -2 is c0000000: little-endian, the first byte comes last. */
const BASE64 = Buffer.from('0000003f000000c000000000', 'hex').toString('base64');

function answer(embedding: number[] | string) {
  const value = {
    object: 'list' as const,
    data: [{ object: 'embedding' as const, index: 0, embedding }],
    model: 'm',
    usage: { prompt_tokens: 1, total_tokens: 1 },
  };
  return { value, text: JSON.stringify(value, null, 1) };
}

function embeddingIn(body: string): unknown {
  return (JSON.parse(body) as { data: { embedding: unknown }[] }).data[0]?.embedding;
}

describe('the encoding of embeddings', () => {
  it('is 32-bit floats, little-endian', () => {
    expect(toBase64(VECTOR)).toBe(BASE64);
  });

  it('is put right where a provider has ignored what was asked for', () => {
    expect(embeddingIn(encodeEmbeddings(answer(VECTOR), 'base64'))).toBe(BASE64);
    expect(embeddingIn(encodeEmbeddings(answer(BASE64), 'float'))).toEqual(VECTOR);
  });

  it('leaves an answer that is right as it is, to the byte', () => {
    const right = answer(VECTOR);
    expect(encodeEmbeddings(right, 'float')).toBe(right.text);
  });
});
