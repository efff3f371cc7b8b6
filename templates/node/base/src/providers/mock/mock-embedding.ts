import { createHash } from 'node:crypto';
import { upstreamFailure } from '../upstream-error.js';

const DEFAULT_DIMENSIONS = 1_536;
const MAX_DIMENSIONS = 65_536;

/** A unit vector that depends on the text alone. */
export function embed(text: string, dimensions = DEFAULT_DIMENSIONS): number[] {
  if (dimensions > MAX_DIMENSIONS) throw upstreamFailure(400, { message: 'Too many dimensions.' });
  const bytes = createHash('shake256', { outputLength: dimensions * 4 })
    .update(text)
    .digest();
  const vector = Array.from({ length: dimensions }, (_, i) => bytes.readInt32LE(i * 4) / 2 ** 31);
  const length = Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
  return vector.map((number) => Math.fround(number / length));
}

/** Words: near enough for a model that reads none. */
export function countTokens(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
