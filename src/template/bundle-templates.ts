import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Catalog } from '../options/offered-options.js';
import type { Bundle, BundledFile, BundledTemplate } from './built-in.js';
import { precompileEjs } from './compile-ejs.js';
import { supportsOf } from './lineage.js';
import { loadFolder } from './load-folder.js';
import { listLayer, type LayerFile } from './read-layer.js';
import type { Template } from './template.js';
import { isUtf8 } from 'node:buffer';

/** Everything that the package holds about its templates. Runs when the package is built. */
export function bundleTemplates(root: string): { catalog: Catalog; bundle: Bundle } {
  const names = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const loaded = loadTogether(root, names);
  return {
    catalog: [...loaded]
      .filter(([, { manifest }]) => manifest.selectable ?? true)
      .map(toCatalogEntry),
    bundle: {
      templates: Object.fromEntries(
        [...loaded].map(([name, template]) => [name, bundleTemplate(join(root, name), template)]),
      ),
    },
  };
}

/** Built-in templates extend each other by name, so each is loaded when it is first asked for. */
function loadTogether(root: string, names: readonly string[]): ReadonlyMap<string, Template> {
  const loaded = new Map<string, Template>();
  const find = (name: string): Template | undefined => {
    if (!names.includes(name)) return undefined;
    const template = loaded.get(name) ?? loadFolder(join(root, name), { find, names: () => names });
    loaded.set(name, template);
    return template;
  };
  names.forEach(find);
  return loaded;
}

function toCatalogEntry([name, template]: readonly [string, Template]): Catalog[number] {
  const { title = name, description = '' } = template.manifest;
  return { name, title, description, supports: supportsOf(template) };
}

function bundleTemplate(folder: string, template: Template): BundledTemplate {
  const { manifest } = template;
  const shown = basename(folder);
  return {
    manifest,
    digest: template.digest(),
    layers: Object.fromEntries(
      manifest.layers.map(({ from }) => [from, listLayer(folder, from, shown).map(bundleFile)]),
    ),
  };
}

function bundleFile({ path, bytes, executable, origin }: LayerFile): BundledFile {
  const mode = executable ? ({ executable } as const) : {};
  if (path.endsWith('.ejs')) {
    return {
      path: path.slice(0, -'.ejs'.length),
      ejs: precompileEjs(bytes.toString(), origin),
      ...mode,
    };
  }
  if (isUtf8(bytes)) return { path, text: bytes.toString(), ...mode };
  return { path, base64: bytes.toString('base64'), ...mode };
}
