import { TemplateError } from '../errors.js';

/** Names that Windows keeps for devices, whatever their extension. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Characters that no file name has on Windows; the backslash separates folders there. */
const FORBIDDEN = /[<>:"|?*\\\u0000-\u001f]/u;

const RULES: readonly { readonly breaks: (segment: string) => boolean; readonly reason: string }[] =
  [
    { breaks: (segment) => segment === '..', reason: 'leads out of the project' },
    {
      breaks: (segment) => segment === '' || segment === '.',
      reason: 'is not a plain relative path',
    },
    { breaks: (segment) => segment.toLowerCase() === '.git', reason: "lies in git's own folder" },
    {
      breaks: (segment) => FORBIDDEN.test(segment),
      reason: 'holds a character that not every system allows',
    },
    { breaks: (segment) => DEVICE.test(segment), reason: 'is a device name on Windows' },
    { breaks: (segment) => /[. ]$/.test(segment), reason: 'ends in a dot or a space' },
  ];

/** A file of a template lands inside the project, on every system, or not at all. Throws a TemplateError. */
export function checkPath(path: string, origin: string): void {
  if (/^[/\\]|^[a-z]:/i.test(path)) refuse(path, origin, 'is an absolute path');
  const segments = path.split(/[/\\]/).includes('..') ? path.split(/[/\\]/) : path.split('/');
  for (const segment of segments) {
    const rule = RULES.find(({ breaks }) => breaks(segment));
    if (rule) refuse(path, origin, rule.reason);
  }
}

/**
 * No file may be another one's folder, and no two may be one on a disk that ignores case or how letters are composed.
 * Throws a TemplateError.
 * @param originOf where a file comes from, for messages
 */
export function checkPathsTogether(
  paths: readonly string[],
  originOf: (path: string) => string | undefined = () => undefined,
): void {
  const refuseHere = (path: string, reason: string): never =>
    refuse(path, originOf(path) ?? 'the template', reason);
  const byFoldedPath = new Map<string, string>();
  const inFolder = new Map<string, string>();
  for (const path of paths) {
    const folded = fold(path);
    const twin = byFoldedPath.get(folded);
    if (twin !== undefined) {
      const same = twin.normalize('NFC') === path.normalize('NFC') ? 'how it is encoded' : 'case';
      refuseHere(twin, `differs from ${path} in ${same} only`);
    }
    byFoldedPath.set(folded, path);
    for (let at = folded.indexOf('/'); at >= 0; at = folded.indexOf('/', at + 1)) {
      inFolder.set(folded.slice(0, at), path);
    }
  }
  for (const [folder, path] of inFolder) {
    const file = byFoldedPath.get(folder);
    if (file !== undefined) refuseHere(path, `needs a folder where ${file} is a file`);
  }
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function refuse(path: string, origin: string, reason: string): never {
  throw new TemplateError(`${origin}: "${path}" ${reason}.`);
}
