import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'vitest/config';
import { TEMPLATES } from './frameworks.js';

/**
 * Lets template files be tested where they lie: a relative import that leads nowhere in its own layer is looked up at
 * the same place in the other layers of the frameworks, as if they lay on top of each other already.
 *
 * @param alternatives layers that are not among the others, since other ones stand in their place: `node/store-redis`
 */
export function resolveAcrossLayers(
  frameworks: readonly string[],
  ...alternatives: readonly string[]
): Plugin {
  const layers = [...new Set(frameworks.flatMap(listLayers))];
  const left = alternatives.map((alternative) => join(TEMPLATES, alternative));
  const others = layers.filter((folder) => !left.includes(folder));
  return {
    name: 'resolve-across-layers',
    enforce: 'pre',
    resolveId(source, importer) {
      const layer = layers.find((folder) => importer?.startsWith(`${folder}/`));
      if (!layer || !importer || !source.startsWith('.')) return null;
      const wanted = relative(layer, resolve(dirname(importer), source)).replace(/\.js$/, '.ts');
      // Of one template before those of another: each framework has its own `server.ts`.
      const near = others.filter((folder) => dirname(folder) === dirname(layer));
      const folders = [layer, ...near, ...others];
      return folders.map((folder) => join(folder, wanted)).find(existsSync) ?? null;
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
