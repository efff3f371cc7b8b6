import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface FileFacts {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly executable?: true;
}

/** Every file below a folder, sorted by path, as `--json` lists them. */
export function readTree(folder: string): FileFacts[] {
  return listFiles(folder).map((path) => {
    const content = readFileSync(join(folder, path));
    const executable = (lstatSync(join(folder, path)).mode & 0o100) !== 0;
    return {
      path,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      ...(executable ? { executable } : {}),
    };
  });
}

/** Paths of all files below a folder, hidden ones too. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Everything in a folder, empty folders too: what a failed run must not change. */
export function listEntries(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}
