import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'vitest/config';

/**
 * Lets template files be tested where they lie: a relative import that leads nowhere in its own layer is looked up at
 * the same place in the other layers, as if they lay on top of each other already.
 *
 * @param alternative a layer that is not one of the others, since another one stands in its place: `node/store-redis`
 */
export function resolveAcrossLayers(templates: string, alternative: string): Plugin {
  const layers = listLayers(templates);
  const others = layers.filter((folder) => folder !== join(templates, alternative));
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

function listLayers(templates: string): string[] {
  return readdirSync(templates)
    .map((name) => join(templates, name))
    .filter((folder) => existsSync(join(folder, 'template.json')))
    .flatMap((folder) => {
      const manifest = JSON.parse(readFileSync(join(folder, 'template.json'), 'utf8')) as {
        readonly layers: readonly { readonly from: string }[];
      };
      return manifest.layers.map(({ from }) => join(folder, from));
    });
}
