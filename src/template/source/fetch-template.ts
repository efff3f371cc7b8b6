import { statSync } from 'node:fs';
import { join } from 'node:path';
import { TemplateError } from '../../errors.js';
import { openCache } from './cache.js';
import type { Fetched, FetchSurroundings } from './fetched.js';
import { FETCH_WITHIN_SECONDS } from './limits.js';
import { isPinned } from './pinned.js';
import { resolvePath } from './resolve-path.js';
import { formatSource, isUrl, type FetchableSource, type FolderSource } from './template-source.js';

/** A template that lies on this machine, wherever it came from. */
export interface FetchedTemplate {
  /** Absolute. What is not local lies in the cache and belongs to it: only to be read. */
  readonly folder: string;
  /** A source that will always be the same: with the full commit id, the exact version, the archive's digest. */
  readonly resolved: string;
  /** A folder of the user's own, which is trusted. */
  readonly isLocal: boolean;
  /** As it was typed, without passwords. */
  readonly source: string;
}

export interface FetchContext {
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Use what the source was when it was last fetched, and no network. */
  readonly offline?: boolean;
  /** Ends the fetching; its reason is thrown then. */
  readonly signal?: AbortSignal;
}

/** Brings a template onto this machine. Throws a TemplateError, a WriteError, or the reason of the signal. */
export async function fetchTemplate(
  source: FetchableSource,
  context: FetchContext,
): Promise<FetchedTemplate> {
  if (source.kind === 'folder') return findFolder(source, context);
  const text = formatSource(source);
  const cache = openCache(context.environment);
  const offline = (context.offline ?? false) && needsNetwork(source);
  const known = offline || isPinned(source) ? cache.find(text) : undefined;
  if (known !== undefined && known !== 'damaged') return { ...known, isLocal: false, source: text };
  if (offline) throw notCached(text, known === 'damaged');
  const { resolved, entries } = await withinTime(text, context, (surroundings) =>
    fetchFrom(source, surroundings),
  );
  return { ...cache.store(text, resolved, entries), isLocal: false, source: text };
}

function needsNetwork(source: FetchableSource): boolean {
  return source.kind !== 'tarball' || isUrl(source.location);
}

function findFolder(source: FolderSource, context: FetchContext): FetchedTemplate {
  const folder = resolvePath(source.path, context);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) throw new TemplateError(`${source.path}: there is no such folder.`);
  if (!statSync(join(folder, 'template.json'), { throwIfNoEntry: false })?.isFile())
    throw new TemplateError(`${source.path}: there is no template.json in this folder.`);
  return { folder, resolved: folder, isLocal: true, source: source.path };
}

/** Each way of fetching is loaded for who goes it. */
async function fetchFrom(
  source: Exclude<FetchableSource, FolderSource>,
  surroundings: FetchSurroundings,
): Promise<Fetched> {
  switch (source.kind) {
    case 'git':
      return (await import('./fetch-git.js')).fetchGit(source, surroundings);
    case 'npm':
      return (await import('./fetch-npm.js')).fetchNpm(source, surroundings);
    case 'tarball':
      return (await import('./fetch-tarball.js')).fetchTarball(source, surroundings);
  }
}

function notCached(text: string, damaged: boolean): TemplateError {
  const reason = damaged ? 'what the cache holds of it is damaged' : 'it is not in the cache';
  return new TemplateError(`${text}: ${reason}: fetch it once without --offline.`);
}

/** Throws a TemplateError when time is up. */
export async function withinTime<Result>(
  shown: string,
  { workingDirectory, environment, signal }: FetchContext,
  work: (surroundings: FetchSurroundings) => Promise<Result>,
): Promise<Result> {
  const deadline = AbortSignal.timeout(FETCH_WITHIN_SECONDS * 1000);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  try {
    return await work({ workingDirectory, environment, signal: either });
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline.aborted) throw error;
    throw new TemplateError(
      `${shown}: could not be fetched within ${FETCH_WITHIN_SECONDS} seconds: check the network, or use what was fetched before with --offline.`,
    );
  }
}
