import { readdirSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { didYouMean } from '../options/nearest.js';
import type { Fault } from './check-schema.js';
import type { Manifest } from './manifest.js';

/** Layers without a folder. */
export function findLayerFaults(root: string, { layers }: Manifest): readonly Fault[] {
  return layers.flatMap(({ from }, index) => {
    if (isFolder(join(root, from))) return [];
    const hint = didYouMean(from, foldersBeside(root, from));
    const message = `is not there: the layer folder "${from}" does not exist.${hint}`;
    return [{ path: ['layers', index, 'from'], message }];
  });
}

/** Paths of the folders where a layer should have been. */
function foldersBeside(root: string, from: string): readonly string[] {
  const parent = dirname(join(root, from));
  if (!isFolder(parent)) return [];
  return readdirSync(parent)
    .filter((name) => isFolder(join(parent, name)))
    .map((name) => posix.join(posix.dirname(from), name));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
