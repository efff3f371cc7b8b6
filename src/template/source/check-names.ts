import { TemplateError } from '../../errors.js';

/**
 * Every file has a name, and every folder a spelling, of its own on any disk: also on those that ignore case, and those
 * that write ü in another way. Throws a TemplateError.
 */
export function checkNamesTogether(paths: readonly string[], shown: string): void {
  const files = new Set<string>();
  const spellings = new Map<string, string>();
  for (const path of paths) {
    if (files.has(path)) refuse(shown, path, 'is in the archive twice');
    files.add(path);
    for (const name of withFolders(path)) {
      const twin = spellings.get(fold(name));
      if (twin !== undefined && twin !== name) {
        const same = twin.toLowerCase() === name.toLowerCase() ? 'case' : 'Unicode normal form';
        refuse(shown, name, `differs from "${twin}" in ${same} only`);
      }
      spellings.set(fold(name), name);
    }
  }
  for (const path of paths) {
    const folder = withFolders(path).find((name) => name !== path && files.has(name));
    if (folder !== undefined) refuse(shown, path, `needs a folder where "${folder}" is a file`);
  }
}

/** `a/b/c` → `a`, `a/b`, `a/b/c` */
function withFolders(path: string): readonly string[] {
  const segments = path.split('/');
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFKC');
}

function refuse(shown: string, path: string, reason: string): never {
  throw new TemplateError(`${shown}: "${path}" ${reason}.`);
}
