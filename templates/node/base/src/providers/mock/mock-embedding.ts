import { createHash } from 'node:crypto';

const DEFAULT_DIMENSIONS = 1536;

/** A unit vector that depends on the text alone. */
export function embed(text: string, dimensions = DEFAULT_DIMENSIONS): number[] {
  const bytes = createHash('shake256', { outputLength: dimensions * 4 })
    .update(text)
    .digest();
  const vector = Array.from({ length: dimensions }, (_, i) => bytes.readInt32LE(i * 4) / 2 ** 31);
  const length = Math.hypot(...vector);
  return vector.map((number) => Math.fround(number / length));
}

/** Words: near enough for a model that reads none. */
export function countTokens(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
