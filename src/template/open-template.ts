import { statSync } from 'node:fs';
import { sep } from 'node:path';
import { TemplateError } from '../errors.js';
import { didYouMean } from '../options/nearest.js';
import type { BuiltIns } from './built-in.js';
import {
  checkFolder,
  createFolderLoader,
  localFolder,
  type ForeignSource,
  type Library,
} from './load-folder.js';
import type { OnFault } from './on-fault.js';
import { fetchTemplate, type FetchContext, type FetchedTemplate } from './source/fetch-template.js';
import { LIMITS } from './source/limits.js';
import { resolvePath } from './source/resolve-path.js';
import { findInRegistry, readRegistry } from './source/registry.js';
import { formatSource, isUrl, parseSource, type TemplateSource } from './source/template-source.js';
import type { Template } from './template.js';

export interface OpenContext extends FetchContext {
  readonly builtIns: BuiltIns;
  /** A file or an address with an index of templates. */
  readonly registry: string | undefined;
  /** Told of what is wrong with a template in a folder; nothing goes on after the first fault when it is absent. */
  readonly onFault?: OnFault;
  /** Shows that something is on its way. */
  readonly whileFetching: <Result>(what: string, fetching: Promise<Result>) => Promise<Result>;
}

/** A template that was somewhere else than on this machine. */
export interface ForeignTemplate {
  /** As it was written. */
  readonly source: string;
  /** What that was found to mean: a commit, a version. */
  readonly resolved: string;
  readonly template: Template;
}

export interface OpenedTemplate {
  readonly template: Template;
  /** What to write in order to have this one again. */
  readonly pinned: string;
  /** What came from elsewhere and is not part of something else that did. */
  readonly foreign: readonly ForeignTemplate[];
  /** Whether a registry on this machine names it by its digest. */
  readonly isVouchedFor: boolean;
}

/**
 * Opens a template by what was written for it, and all that it extends: a built-in one's name, a name in the registry,
 * a folder, or a source. Throws a UserError.
 */
export async function openTemplate(text: string, context: OpenContext): Promise<OpenedTemplate> {
  const { builtIns, registry } = context;
  const foreign: ForeignTemplate[] = [];
  const fetchedFolders: string[] = [];
  const library: Library = {
    find: (name) => builtIns.find(name),
    names: () => builtIns.names(),
    open: async (source, children) => (await fetchAndLoad(source, children)).template,
  };
  const load = createFolderLoader(library, (ejs) => ({ ejs }), context.onFault);
  return openSource(parseSource(text));

  async function openSource(source: TemplateSource): Promise<OpenedTemplate> {
    if (source.kind === 'name') return openNamed(source.name);
    if (source.kind === 'folder') return openFolder(source.path);
    const { template, fetched } = await fetchAndLoad(source, []);
    return { template, pinned: fetched.resolved, foreign, isVouchedFor: false };
  }

  async function openFolder(folder: string): Promise<OpenedTemplate> {
    const located = localFolder(resolvePath(folder, context));
    checkFolder(located, `Template ${folder}:`);
    return { template: await load(located), pinned: folder, foreign, isVouchedFor: false };
  }

  /** A folder whose name is one of the generator's, or of the registry's, is written with a "./". */
  async function openNamed(name: string): Promise<OpenedTemplate> {
    const builtIn = builtIns.find(name);
    if (builtIn) return { template: builtIn, pinned: name, foreign, isVouchedFor: false };
    if (registry === undefined) {
      if (!isFolder(resolvePath(name, context))) throw new TemplateError(nowhere(name));
      return openFolder(name);
    }
    const index = await readRegistry(registry, context);
    if (!index.templates.has(name) && isFolder(resolvePath(name, context))) return openFolder(name);
    const entry = findInRegistry(index, name);
    const opened = await openSource(entry.source);
    const digest = opened.template.digest();
    if (entry.digest !== undefined && entry.digest !== digest) {
      throw new TemplateError(
        `${name}: the registry says that its digest is ${entry.digest}, but what is at ${opened.pinned} has ${digest}. Somebody changed one of the two.`,
      );
    }
    return { ...opened, isVouchedFor: !isUrl(registry) && entry.digest !== undefined };
  }

  function nowhere(name: string): string {
    const names = builtIns.names();
    const selectable = builtIns.catalog.map((entry) => entry.name);
    return `Template ${name}: there is no folder ${name}, and no built-in template of that name. Built in: ${selectable.join(', ')}.${didYouMean(name, names)}`;
  }

  async function fetchAndLoad(
    source: ForeignSource,
    children: readonly string[],
  ): Promise<{ readonly template: Template; readonly fetched: FetchedTemplate }> {
    if (fetchedFolders.length >= LIMITS.fetchedTemplates)
      throw new TemplateError(tooManyFetched(source));
    const fetching = fetchTemplate(source, context);
    const fetched = await context.whileFetching(formatSource(source), fetching);
    const { folder } = fetched;
    const isPart = children.some((child) => fetchedFolders.some((root) => isInside(child, root)));
    fetchedFolders.push(folder);
    const template = await load({ root: folder, shown: fetched.source, within: folder }, children);
    if (!isPart) foreign.push({ source: fetched.source, resolved: fetched.resolved, template });
    return { template, fetched };
  }
}

function tooManyFetched(source: ForeignSource): string {
  return `${formatSource(source)}: it would be fetched after ${LIMITS.fetchedTemplates} others that the template extends, more than it may.`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
