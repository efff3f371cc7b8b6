import { builtinModules } from 'node:module';

/** What npm allows. */
const MAX_LENGTH = 214;
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;
const RESERVED = new Set(['node_modules', 'favicon.ico', ...builtinModules]);

/**
 * What keeps a folder's name from being a package's and an image's name too, as the end of a sentence; undefined when
 * nothing does. https://docs.npmjs.com/cli/configuring-npm/package-json#name
 */
export function findNameFault(name: string): string | undefined {
  if (name.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (RESERVED.has(name)) return 'is reserved by Node.js or npm';
  if (DEVICE.test(name.split('.', 1)[0] ?? '')) return 'is a device name on Windows';
  if (!/^[a-z0-9]/.test(name)) return 'must begin with a lower-case letter or a digit';
  if (/[._-]$/.test(name)) return 'must end in a lower-case letter or a digit';
  if (!/^[a-z0-9._-]+$/.test(name))
    return 'may hold only lower-case letters, digits, ".", "_" and "-"';
  return undefined;
}

/** The nearest name that is valid, or undefined when nothing of it can be used. */
export function toValidName(name: string): string | undefined {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .slice(0, 100)
    .replace(/^[._-]+|[._-]+$/g, '');
  const candidates = [plain, `${plain}-app`];
  return plain === ''
    ? undefined
    : candidates.find((candidate) => findNameFault(candidate) === undefined);
}
