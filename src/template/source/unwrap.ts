import { hasManifest, noManifest } from './fetched.js';
import type { ArchiveEntry } from './read-archive.js';

/** What npm and GitHub pack lies in one folder: that is the template then. Throws a TemplateError where there is none. */
export function unwrap(entries: readonly ArchiveEntry[], shown: string): readonly ArchiveEntry[] {
  if (hasManifest(entries)) return entries;
  const tops = new Set(entries.map(({ path }) => path.slice(0, path.indexOf('/') + 1)));
  const [top = ''] = tops;
  const inside =
    tops.size === 1
      ? entries.map((entry) => ({ ...entry, path: entry.path.slice(top.length) }))
      : entries;
  if (hasManifest(inside)) return inside;
  throw noManifest(
    shown,
    inside.map(({ path }) => path),
  );
}
