import { lstatSync, opendirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isUtf8 } from 'node:buffer';
import { TemplateError } from '../errors.js';
import { formatLimit, LIMITS } from './source/limits.js';
import type { TemplateFile } from './template.js';

/** Left behind by tools, never part of a template. */
const IGNORED = new Set(['.DS_Store', 'Thumbs.db', 'node_modules']);

/** A file of a layer before anything is made of it. */
export interface LayerFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly executable: boolean;
  readonly origin: string;
}

/**
 * The files of one layer of a template folder, sorted by path. Stops at the first that makes it more than a template may be.
 * @param root the template's folder; nothing outside of it is read, whatever a symbolic link says
 * @param shown how messages call that folder
 */
export function listLayer(root: string, from: string, shown: string): readonly LayerFile[] {
  const base = join(root, from);
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TemplateError(`${shown}: the layer folder "${from}" does not exist.`);
  }
  const realRoot = realpathSync(root);
  checkInside(realRoot, base, `${shown}/${from}`);
  const layer = `${shown}/${from}`;
  const files: LayerFile[] = [];
  let totalBytes = 0;
  for (const file of walk(base, { layer, entries: 0 })) {
    const origin = `${shown}/${toSlashes(relative(root, file))}`;
    checkInside(realRoot, file, origin);
    const stat = statSync(file);
    if (!stat.isFile()) throw new TemplateError(`${origin}: only files and folders can be copied.`);
    totalBytes += stat.size;
    const limit = file.endsWith('.ejs') ? LIMITS.ejsBytes : LIMITS.fileBytes;
    if (stat.size > limit) throw tooLarge(origin, limit);
    if (totalBytes > LIMITS.totalBytes) throw tooLarge(layer, LIMITS.totalBytes);
    files.push({
      path: toSlashes(relative(base, file)),
      bytes: readFileSync(file),
      executable: (stat.mode & 0o100) !== 0,
      origin,
    });
  }
  return files;
}

function tooLarge(what: string, limit: number): TemplateError {
  return new TemplateError(
    `${what}: is larger than ${formatLimit(limit)}, more than a template may be.`,
  );
}

/** What becomes of a file that ends in `.ejs`. */
export type ReadEjs = (text: string, origin: string) => TemplateFile['content'];

/** The same, ready to be rendered and planned: text as text. */
export function readLayer(
  root: string,
  from: string,
  shown: string,
  readEjs: ReadEjs,
): readonly TemplateFile[] {
  return listLayer(root, from, shown).map(({ path, bytes, executable, origin }) => {
    const rendered = path.endsWith('.ejs');
    return {
      path: rendered ? path.slice(0, -'.ejs'.length) : path,
      content: rendered
        ? readEjs(bytes.toString(), origin)
        : isUtf8(bytes)
          ? bytes.toString()
          : bytes,
      executable,
      origin,
    };
  });
}

/** How far a walk has come. */
interface Walk {
  readonly layer: string;
  entries: number;
}

function* walk(folder: string, progress: Walk): Generator<string> {
  for (const name of readNames(folder, progress)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) yield* walk(path, progress);
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

/** A link to a file inside the template is that file; a link out, or to nothing, is refused. */
function checkInside(realRoot: string, path: string, origin: string): void {
  const target = resolveLink(path);
  if (target === undefined) throw new TemplateError(`${origin}: a symbolic link to nothing.`);
  if (target === realRoot || target.startsWith(realRoot + sep)) return;
  throw new TemplateError(
    `${origin}: a symbolic link that leads out of the template (to ${target}).`,
  );
}

function resolveLink(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

function toSlashes(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/');
}
