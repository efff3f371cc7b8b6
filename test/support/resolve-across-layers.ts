import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'vitest/config';
import { TEMPLATES } from './frameworks.js';

/**
 * Lets template files be tested where they lie: a relative import that leads nowhere in its own layer is looked up at
 * the same place in the other layers of the framework, as if they lay on top of each other already.
 *
 * @param alternative a layer that is not one of the others, since another one stands in its place: `node/store-redis`
 */
export function resolveAcrossLayers(framework: string, alternative: string): Plugin {
  const layers = listLayers(framework);
  const others = layers.filter((folder) => folder !== join(TEMPLATES, alternative));
  return {
    name: 'resolve-across-layers',
    enforce: 'pre',
    resolveId(source, importer) {
      const layer = layers.find((folder) => importer?.startsWith(`${folder}/`));
      if (!layer || !importer || !source.startsWith('.')) return null;
      const wanted = relative(layer, resolve(dirname(importer), source)).replace(/\.js$/, '.ts');
      return [layer, ...others].map((folder) => join(folder, wanted)).find(existsSync) ?? null;
    },
  };
}

interface Manifest {
  readonly extends?: readonly string[];
  readonly layers: readonly { readonly from: string }[];
}

/** Folders of a template's layers, and of those that it extends. */
function listLayers(name: string): string[] {
  const folder = join(TEMPLATES, name);
  const manifest = JSON.parse(readFileSync(join(folder, 'template.json'), 'utf8')) as Manifest;
  const own = manifest.layers.map(({ from }) => join(folder, from));
  return [...(manifest.extends ?? []).flatMap(listLayers), ...own];
}
