import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** What a directory may hold and still count as empty: a fresh clone of an empty repository is a usual place to start. */
const HARMLESS = new Set(['.git', '.DS_Store', 'Thumbs.db']);

export interface Conflicts {
  /** The directory itself is a file, or lies below one. */
  readonly noDirectory?: true;
  /** Planned files that are there already. */
  readonly files: readonly string[];
  /** What stands in the way and is never touched, whatever the policy: a link, or a file where a folder is needed. */
  readonly obstacles: readonly string[];
  /** What else the directory holds. */
  readonly others: readonly string[];
}

/** What a directory already holds, seen from the planned files. An absent directory holds nothing. */
export function findConflicts(directory: string, planned: readonly string[]): Conflicts {
  const present = listDirectory(directory);
  if (!present) return { noDirectory: true, files: [], obstacles: [], others: [] };
  const existing = present.filter((name) => !HARMLESS.has(name));
  if (existing.length === 0) return { files: [], obstacles: [], others: [] };
  const obstacles = new Set(planned.flatMap((path) => obstacleOf(directory, path) ?? []));
  const blocked = [...obstacles];
  const files = planned.filter(
    (path) =>
      statOf(join(directory, path)) !== undefined && !blocked.some((at) => isUnder(path, at)),
  );
  const touched = new Set([...files, ...blocked].map((path) => path.split('/', 1)[0]));
  return { files, obstacles: blocked, others: existing.filter((name) => !touched.has(name)) };
}

/** Entries, `[]` for what is not there, undefined for what is no directory. */
function listDirectory(directory: string): string[] | undefined {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The part of a planned path that is there and is of the wrong kind. Links are not followed: they may lead out. */
function obstacleOf(directory: string, path: string): string | undefined {
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const folder = path.slice(0, at);
    const stat = statOf(join(directory, folder));
    if (!stat) return undefined;
    if (!stat.isDirectory()) return folder;
  }
  const stat = statOf(join(directory, path));
  return !stat || stat.isFile() ? undefined : path;
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
