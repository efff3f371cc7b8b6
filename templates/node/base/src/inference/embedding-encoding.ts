import type { EmbeddingList } from './embedding.js';
import { toJson } from '../json.js';

/**
 * Makes sure that embeddings come in the format that was asked for: some servers ignore `encoding_format`, and the
 * OpenAI SDK, which asks for base64 by itself, reads floats as zeros without a word.
 *
 * @returns the JSON of the answer; as the provider wrote it where the format is right
 */
export function encodeEmbeddings(
  answer: { readonly text: string; readonly value: EmbeddingList },
  format: 'float' | 'base64',
): string {
  const wanted = format === 'base64' ? 'string' : 'object';
  if (answer.value.data.every(({ embedding }) => typeof embedding === wanted)) return answer.text;
  const data = answer.value.data.map((item) => ({
    ...item,
    embedding: format === 'base64' ? toBase64(item.embedding) : toNumbers(item.embedding),
  }));
  return toJson({ ...answer.value, data });
}

/** Little-endian 32-bit floats, as OpenAI's API encodes them, whatever this machine's own byte order. */
export function toBase64(embedding: readonly number[] | string): string {
  if (typeof embedding === 'string') return embedding;
  const bytes = Buffer.allocUnsafe(embedding.length * 4);
  embedding.forEach((number, index) => bytes.writeFloatLE(number, index * 4));
  return bytes.toString('base64');
}

function toNumbers(embedding: readonly number[] | string): readonly number[] {
  if (typeof embedding !== 'string') return embedding;
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
