import { readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { TemplateError } from '../errors.js';
import { didYouMean } from '../options/nearest.js';
import { checkConditions } from './check-conditions.js';
import { digestFolder } from './digest-folder.js';
import { parseJsonSource } from './json-source.js';
import { parseManifest } from './parse-manifest.js';
import { readLayer } from './read-layer.js';
import type { Template } from './template.js';

/** The templates that can be extended by name. */
export interface NamedTemplates {
  find(name: string): Template | undefined;
  names(): readonly string[];
}

/** Reads and checks the template in a folder and all that it extends. Throws a TemplateError. */
export function loadFolder(folder: string, named: NamedTemplates): Template {
  return load(resolve(folder), [], { named, loaded: new Map() });
}

interface Context {
  readonly named: NamedTemplates;
  /** A folder that is extended twice is one template. */
  readonly loaded: Map<string, Template>;
}

function load(root: string, children: readonly string[], context: Context): Template {
  const known = context.loaded.get(root);
  if (known) return known;
  const shown = showFolder(root);
  if (children.includes(root)) {
    const cycle = [...children.slice(children.indexOf(root)), root].map(showFolder);
    throw new TemplateError(`${shown}: extends itself: ${cycle.join(' → ')}`);
  }
  const file = `${shown}/template.json`;
  const text = readManifest(root, shown);
  const manifest = parseManifest(text, file);
  const source = parseJsonSource(text, file);
  const parents = (manifest.extends ?? []).map((parent, index) => {
    const at = `${file}:${source.lineOf(['extends', index])}`;
    if (!parent.startsWith('.')) return findNamed(parent, context.named, at);
    const parentRoot = resolve(root, parent);
    checkFolder(parentRoot, `${at}: extends "${parent}", but`);
    return load(parentRoot, [...children, root], context);
  });
  const template: Template = {
    origin: shown,
    manifest,
    parents,
    readLayer: (from) => readLayer(root, from, shown),
    digest: () => digestFolder(root, shown, manifest, parents),
  };
  checkConditions(template, source);
  context.loaded.set(root, template);
  return template;
}

function readManifest(root: string, shown: string): string {
  checkFolder(root, '--template:');
  try {
    return readFileSync(join(root, 'template.json'), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new TemplateError(`${shown}/template.json: ${message}`);
    throw new TemplateError(`${shown}: there is no template.json in this folder.`);
  }
}

function checkFolder(folder: string, lead: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new TemplateError(`${lead} there is no folder ${showFolder(folder)}.`);
}

function findNamed(name: string, named: NamedTemplates, at: string): Template {
  const template = named.find(name);
  if (template) return template;
  const names = named.names();
  throw new TemplateError(
    `${at}: extends "${name}", but there is no such built-in template. Built in: ${names.join(', ')}; a folder starts with "./".${didYouMean(name, names)}`,
  );
}

function showFolder(folder: string): string {
  const shown = relative(process.cwd(), folder);
  return shown === '' ? '.' : shown;
}
