import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Catalog } from '../options/offered-options.js';
import { SEPARATOR, type Bundle, type BundledFile, type BundledTemplate } from './bundle.js';
import { compileEjs, precompileEjs } from './compile-ejs.js';
import { TemplateError } from '../errors.js';
import { formatSource } from './source/template-source.js';
import { lineageOf, supportsOf } from './lineage.js';
import { createFolderLoader, localFolder, type Library } from './load-folder.js';
import { listLayer, type LayerFile } from './read-layer.js';
import type { Template } from './template.js';
import { isUtf8 } from 'node:buffer';

/** Makes the body of a function shorter, and keeps the names of what it is given. */
export type Shorten = (body: string) => string;

/** Everything that the package holds about its templates. Runs when the package is built. */
export async function bundleTemplates(
  root: string,
  shorten: Shorten,
): Promise<{ catalog: Catalog; bundle: Bundle }> {
  const loaded = await loadBuiltIns(root);
  // What others stand on comes first: that is packed more tightly.
  const depth = (template: Template): number => lineageOf(template).length;
  const sorted = [...loaded].sort(([, one], [, other]) => depth(one) - depth(other));
  return {
    catalog: catalogOf(loaded),
    bundle: {
      templates: Object.fromEntries(
        sorted.map(([name, template]) => [
          name,
          bundleTemplate(join(root, name), template, shorten),
        ]),
      ),
    },
  };
}

/** The templates in a folder, by name. They extend each other by name, so each is loaded when it is first asked for. */
export async function loadBuiltIns(root: string): Promise<ReadonlyMap<string, Template>> {
  const names = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const library: Library = {
    names: () => names,
    find: (name) => (names.includes(name) ? load(localFolder(join(root, name))) : undefined),
    open: (source) => {
      throw new TemplateError(`A built-in template must not extend ${formatSource(source)}.`);
    },
  };
  const load = createFolderLoader(library, compileEjs);
  const loaded = new Map<string, Template>();
  for (const name of names) loaded.set(name, await load(localFolder(join(root, name))));
  return loaded;
}

/** What is known of the selectable ones without opening them. */
export function catalogOf(loaded: ReadonlyMap<string, Template>): Catalog {
  return [...loaded].filter(([, { manifest }]) => manifest.selectable ?? true).map(toCatalogEntry);
}

function toCatalogEntry([name, template]: readonly [string, Template]): Catalog[number] {
  const { title = name, description = '' } = template.manifest;
  return { name, title, description, supports: supportsOf(template) };
}

function bundleTemplate(folder: string, template: Template, shorten: Shorten): BundledTemplate {
  const { manifest } = template;
  const shown = basename(folder);
  const bundleLayer = (from: string): BundledFile[] =>
    listLayer(folder, from, shown).map((file) => bundleFile(file, shorten));
  return {
    manifest,
    digest: template.digest(),
    layers: Object.fromEntries(manifest.layers.map(({ from }) => [from, bundleLayer(from)])),
  };
}

function bundleFile({ path, bytes, executable, origin }: LayerFile, shorten: Shorten): BundledFile {
  const mode = executable ? ({ executable } as const) : {};
  if (path.endsWith('.ejs')) {
    const content = shorten(precompileEjs(bytes.toString(), origin));
    return { path: path.slice(0, -'.ejs'.length), kind: 'ejs', content, ...mode };
  }
  if (isUtf8(bytes) && !bytes.includes(SEPARATOR)) {
    return { path, content: bytes.toString(), ...mode };
  }
  return { path, kind: 'base64', content: bytes.toString('base64'), ...mode };
}
