import { parse } from 'lossless-json';
import stringify from 'safe-stable-stringify';

const [ZERO, NINE] = [0x30, 0x39] as const;
const LONG = 16;

/**
 * Whether a text may hold an integer that a double cannot, such as a 64-bit seed or id: whether it has so many digits in
 * a row. One character in as many is looked at, since one of them would be among those digits.
 */
export function hasLongNumber(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigit(text, at)) continue;
    let first = at;
    while (isDigit(text, first - 1)) first -= 1;
    while (isDigit(text, at + 1)) at += 1;
    if (at - first + 1 >= LONG) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const character = text.charCodeAt(at);
  return character >= ZERO && character <= NINE;
}

/**
 * As `JSON.parse`, but integers that a double would round become `bigint`. Texts without long numbers, which are nearly
 * all, cost what they always do.
 *
 * @throws {SyntaxError}
 */
export function parseJson(text: string): unknown {
  if (!hasLongNumber(text)) return JSON.parse(text);
  // Of two fields of one name the last one counts, as with `JSON.parse`.
  const onDuplicateKey = ({ newValue }: { readonly newValue: unknown }) => newValue;
  return parse(text, null, { parseNumber, onDuplicateKey });
}

/** Deeper than anything that makes sense, and far from what would overflow the stack of whoever walks through it. */
const MAX_DEPTH = 1_000;

const [QUOTE, OPENING_BRACKET, CLOSING_BRACKET, OPENING_BRACE, CLOSING_BRACE] = [
  0x22, 0x5b, 0x5d, 0x7b, 0x7d,
] as const;

/** Whether JSON is nested so deeply that it could not be walked through. A text that is too short for that costs nothing. */
export function isNestedTooDeeply(text: string): boolean {
  if (text.length < 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === OPENING_BRACKET || character === OPENING_BRACE) depth += 1;
    else if (character === CLOSING_BRACKET || character === CLOSING_BRACE) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** Where the string that begins at `start` has its second quote; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
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

/**
 * The JSON of a value whose objects have their fields in the order of their names: equal for equal values, however they
 * were written.
 */
export function toCanonicalJson(value: unknown): string {
  return writeInOrder(value) ?? 'null';
}

const writeBigInts = stringify.configure({ deterministic: false, bigint: true });
const writeInOrder = stringify.configure({ deterministic: true, bigint: true });
