import { TemplateError } from '../../errors.js';
import type { ArchiveEntry } from './read-archive.js';

/** What a source has come to, before it lies anywhere. */
export interface Fetched {
  /** A source that will always be the same, as text. */
  readonly resolved: string;
  readonly entries: readonly ArchiveEntry[];
}

/** What every way of fetching needs to know. */
export interface FetchSurroundings {
  readonly workingDirectory: string;
  /** The whole environment of what is started. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const MANIFEST = 'template.json';
const MOST_SHOWN = 10;

export function hasManifest(entries: readonly ArchiveEntry[]): boolean {
  return entries.some(({ path }) => path === MANIFEST);
}

/** There is no template at that place: where there is one instead. */
export function noManifest(shown: string, paths: readonly string[]): TemplateError {
  const folders = paths.flatMap((path) => /^(.+)\/template\.json$/.exec(path)?.[1] ?? []).sort();
  const more = folders.length > MOST_SHOWN ? ', …' : '';
  const instead =
    folders.length === 0
      ? 'nor in any folder below it'
      : `but in ${folders.slice(0, MOST_SHOWN).join(', ')}${more}`;
  return new TemplateError(`${shown}: there is no template.json at that place, ${instead}.`);
}
