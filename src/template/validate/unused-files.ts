import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../manifest.js';
import type { Finding } from './finding.js';

/** What may lie beside a template's layers: what its own repository and package consist of. */
const AROUND =
  /^(template\.json|readme.*|licen[cs]e.*|changelog.*|contributing.*|package(-lock)?\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock|tsconfig.*\.json|.*\.config\.[a-z]+|tests?|docs|node_modules|\..*)$/i;

/** Files and folders of a template that no layer has: forgotten, or of a layer whose name is misspelt. */
export function findUnusedFiles(root: string, shown: string, { layers }: Manifest): Finding[] {
  const used = layers.map(({ from }) => from.replace(/^\.\/|\/+$/g, ''));
  return visit('');

  function visit(folder: string): Finding[] {
    return readdirSync(join(root, folder)).flatMap((name) => {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (used.includes(path) || (folder === '' && AROUND.test(name))) return [];
      const isFolder =
        statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
      if (isFolder && hasManifest(join(root, path))) return [];
      if (isFolder && used.some((layer) => layer.startsWith(`${path}/`))) return visit(path);
      return [
        { file: `${shown}/${path}`, line: 1, message: 'is in no layer, so no project has it.' },
      ];
    });
  }
}

/** A template inside of this one, which this one may extend. */
function hasManifest(folder: string): boolean {
  return statSync(join(folder, 'template.json'), { throwIfNoEntry: false }) !== undefined;
}
