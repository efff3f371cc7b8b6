import { parse } from 'lossless-json';
import stringify from 'safe-stable-stringify';

/** Whether a text may hold an integer that a double cannot, such as a 64-bit seed or id. */
export function hasLongNumber(text: string): boolean {
  return /\d{16}/.test(text);
}

/**
 * As `JSON.parse`, but integers that a double would round become `bigint`. Texts without long numbers, which are nearly
 * all, cost what they always do.
 *
 * @throws {SyntaxError}
 */
export function parseJson(text: string): unknown {
  return hasLongNumber(text) ? parse(text, null, parseNumber) : JSON.parse(text);
}

function parseNumber(digits: string): number | bigint {
  const number = Number(digits);
  const isRounded = Number.isInteger(number) && !Number.isSafeInteger(number);
  return isRounded && /^-?\d+$/.test(digits) ? BigInt(digits) : number;
}

/** Writes what `parseJson` has read. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // A bigint, for which the quick way has no form.
    if (error instanceof TypeError) return writeBigInts(value) ?? 'null';
    throw error;
  }
}

const writeBigInts = stringify.configure({ deterministic: false, bigint: true });
