import { lstatSync, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { TemplateError } from '../errors.js';
import { LIMITS } from './source/limits.js';

/** Left behind by tools, never part of a template. */
const IGNORED = new Set(['.DS_Store', 'Thumbs.db', 'node_modules']);

/** How far a walk has come. */
export interface Walk {
  /** How messages call the layer. */
  readonly layer: string;
  entries: number;
}

/** Whatever is no folder below a folder, sorted by path. Throws a TemplateError where there is more than a template may hold. */
export function* walkLayer(folder: string, progress: Walk): Generator<string> {
  for (const name of readNames(folder, progress)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) yield* walkLayer(path, progress);
    else yield path;
  }
}

/** Sorted. Throws a TemplateError before a million names are in memory. */
function readNames(folder: string, progress: Walk): string[] {
  const names: string[] = [];
  const opened = opendirSync(folder);
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      if (IGNORED.has(entry.name)) continue;
      names.push(entry.name);
      progress.entries += 1;
      if (progress.entries > LIMITS.files) throw tooMany(progress.layer);
    }
  } finally {
    opened.closeSync();
  }
  return names.sort();
}

function tooMany(layer: string): TemplateError {
  return new TemplateError(
    `${layer}: holds more than ${LIMITS.files.toLocaleString('en')} files and folders, more than a template may.`,
  );
}
