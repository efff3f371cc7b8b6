import { TemplateError } from '../../errors.js';
import { LIMITS } from './limits.js';

const BLOCK = 512;

/** Types by their letter in the header. What is not here is no part of a template, and a library may take it for a file. */
const PLAIN = new Set(['0', '\0', '5', 'x', 'g', 'L', 'K']);

const REFUSED: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a named pipe',
  S: 'a sparse file',
};

/**
 * Looks at the raw headers of a tar before anything is made of it: only files and folders, and not too many.
 * Ends quietly where the archive is damaged: that is for its reader to say. Throws a TemplateError.
 */
export function checkTarEntries(tar: Uint8Array, shown: string): void {
  let entries = 0;
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    if (header[0] === 0) return;
    const type = textOf(header, 156, 1) || '\0';
    if (!PLAIN.has(type)) {
      const what = REFUSED[type] ?? `of a type that no template needs ("${type}")`;
      throw new TemplateError(
        `${shown}: "${nameOf(header)}" is ${what}: only files and folders can be in a template.`,
      );
    }
    // Long names and attributes are entries of their own: at most two for each file, and folders come on top.
    if (++entries > LIMITS.files * 4) {
      throw new TemplateError(`${shown}: more entries than a template may have.`);
    }
    const size = type === '5' ? 0 : sizeOf(header);
    if (!Number.isSafeInteger(size)) return;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function nameOf(header: Uint8Array): string {
  return textOf(header, 0, 100);
}

/** Octal digits, or, with the highest bit set, a number in binary. */
function sizeOf(header: Uint8Array): number {
  const field = header.subarray(124, 136);
  const [first = 0, ...rest] = field;
  if ((first & 0x80) !== 0) return rest.reduce((sum, byte) => sum * 256 + byte, first & 0x7f);
  const digits = textOf(header, 124, 12).trim();
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN;
}

function textOf(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString();
}
