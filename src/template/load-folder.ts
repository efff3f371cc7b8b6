import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { TemplateError } from '../errors.js';
import { didYouMean } from '../options/nearest.js';
import { findConditionFaults } from './check-conditions.js';
import { countTemplate } from './count-template.js';
import { findGeneratorFault } from './check-generator.js';
import { digestFolder } from './digest-folder.js';
import { findLayerFaults } from './check-layers.js';
import { parseJsonSource } from './json-source.js';
import type { Manifest } from './manifest.js';
import { refuse, type OnFault } from './on-fault.js';
import { parseManifest, toTemplateError } from './parse-manifest.js';
import { readLayer, type ReadEjs } from './read-layer.js';
import { LIMITS } from './source/limits.js';
import {
  parseSource,
  type GitSource,
  type NpmSource,
  type TarballSource,
} from './source/template-source.js';
import type { Template } from './template.js';

/** What a template can be made on. */
export interface Library {
  /** A built-in template. */
  find(name: string): Template | undefined | Promise<Template | undefined>;
  names(): readonly string[];
  /** A template from elsewhere. Throws a UserError. */
  open(source: ForeignSource, children: readonly string[]): Promise<Template>;
}

export type ForeignSource = GitSource | NpmSource | TarballSource;

/** A folder with a template in it. */
export interface TemplateFolder {
  /** Absolute. */
  readonly root: string;
  /** How messages call it. */
  readonly shown: string;
  /** The folder that holds all that came with it, which what it extends must not leave; absent on this machine's own. */
  readonly within?: string;
}

/** The folder of a template that somebody on this machine wrote. */
export function localFolder(folder: string): TemplateFolder {
  const root = resolve(folder);
  return { root, shown: showFolder(root) };
}

/**
 * Reads and checks the template in a folder, and all that it extends. A folder that is extended twice is one template.
 *
 * @param readEjs what is made of files that are rendered
 * @param onFault told of what is wrong; what is left without a parent or a layer is thrown all the same
 * @throws {TemplateError} naming file, line and key
 */
export function createFolderLoader(
  library: Library,
  readEjs: ReadEjs,
  onFault: OnFault = refuse,
): (folder: TemplateFolder, children?: readonly string[]) => Promise<Template> {
  const loaded = new Map<string, Template>();
  const count = { entries: 0, bytes: 0 };
  return load;

  /** @param children the folders of the templates that led here, to tell a circle by */
  async function load(
    folder: TemplateFolder,
    children: readonly string[] = [],
    at: string = folder.shown,
  ): Promise<Template> {
    const { root, shown } = folder;
    const known = loaded.get(root);
    if (known) return known;
    if (children.includes(root)) {
      const circle = [...children.slice(children.indexOf(root)), root].map(showFolder);
      throw new TemplateError(`${at}: extends itself: ${circle.join(' → ')}`);
    }
    const file = `${shown}/template.json`;
    const text = readManifest(folder);
    const manifest = parseManifest(text, file, onFault);
    const source = parseJsonSource(text, file);
    const misfit = findGeneratorFault(manifest);
    if (misfit) onFault(toTemplateError(misfit, source));
    const layerFaults = findLayerFaults(root, manifest).map((fault) =>
      toTemplateError(fault, source),
    );
    layerFaults.forEach(onFault);
    const excess = countTemplate(root, shown, manifest, Buffer.byteLength(text), count);
    if (excess) throw toTemplateError(excess, source);
    const parents = await loadParents(manifest, folder, [...children, root], (index) =>
      source.lineOf(['extends', index]),
    );
    if (layerFaults[0]) throw layerFaults[0];
    let digest: string | undefined; // once, since what is extended on many ways would be digested on each of them
    const template: Template = {
      origin: shown,
      isBuiltIn: false,
      folder: root,
      manifest,
      parents,
      readLayer: (from) => readLayer(root, from, shown, readEjs),
      digest: () => (digest ??= digestFolder(root, shown, manifest, parents)),
    };
    for (const fault of findConditionFaults(template)) onFault(toTemplateError(fault, source));
    loaded.set(root, template);
    return template;
  }

  /** One after another, each with its turn to say what is wrong with it. */
  async function loadParents(
    { extends: parents = [] }: Manifest,
    folder: TemplateFolder,
    children: readonly string[],
    lineOf: (index: number) => number,
  ): Promise<readonly Template[]> {
    const found: Template[] = [];
    let missing: TemplateError | undefined;
    for (const [index, parent] of parents.entries()) {
      const at = `${folder.shown}/template.json:${lineOf(index)}`;
      try {
        found.push(await loadParent(parent, folder, children, at));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        onFault(error);
        missing ??= error;
      }
    }
    if (missing) throw missing;
    return found;
  }

  async function loadParent(
    parent: string,
    { root, within }: TemplateFolder,
    children: readonly string[],
    at: string,
  ): Promise<Template> {
    const source = parseSource(parent, at, TemplateError);
    const lead = `${at}: extends "${parent}", but`;
    if (source.kind === 'name') return findNamed(source.name, library, lead);
    if (source.kind !== 'folder') return library.open(source, children);
    const folder = { ...localFolder(join(root, source.path)), ...(within ? { within } : {}) };
    checkFolder(folder, lead);
    return load(folder, children, at);
  }
}

/** Throws a TemplateError when it is not there, or is none of what came with the template that names it. */
export function checkFolder({ root, within }: TemplateFolder, lead: string): void {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TemplateError(`${lead} there is no folder ${showFolder(root)}.`);
  }
  if (within === undefined || isInside(realpathSync(root), realpathSync(within))) return;
  throw new TemplateError(`${lead} that is outside of what came with it.`);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

function readManifest({ root, shown }: TemplateFolder): string {
  const path = join(root, 'template.json');
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (size === undefined) {
    throw new TemplateError(`${shown}: there is no template.json in this folder.`);
  }
  if (size > LIMITS.manifestBytes) {
    throw new TemplateError(`${shown}/template.json: is larger than 1 MB.`);
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TemplateError(`${shown}/template.json: ${(error as Error).message}`);
  }
}

async function findNamed(name: string, library: Library, at: string): Promise<Template> {
  const template = await library.find(name);
  if (template) return template;
  const names = library.names();
  throw new TemplateError(
    `${at} there is no such built-in template. Built in: ${names.join(', ')}; a folder starts with "./".${didYouMean(name, names)}`,
  );
}

function showFolder(folder: string): string {
  const shown = relative(process.cwd(), folder);
  return shown === '' ? '.' : shown;
}
