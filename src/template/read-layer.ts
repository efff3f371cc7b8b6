import { readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isUtf8 } from 'node:buffer';
import { TemplateError } from '../errors.js';
import { formatLimit, LIMITS } from './source/limits.js';
import type { TemplateFile } from './template.js';
import { walkLayer, type Walk } from './walk-layer.js';

/** A file of a layer before anything is made of it. */
export interface LayerFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly executable: boolean;
  readonly origin: string;
}

/** The files of one layer of a template folder, sorted by path. Throws a TemplateError; see findFiles. */
export function listLayer(root: string, from: string, shown: string): readonly LayerFile[] {
  const walk = { layer: `${shown}/${from}`, entries: 0 };
  return Array.from(findFiles(root, from, shown, walk), ({ file, origin, stat }) => ({
    path: toSlashes(relative(join(root, from), file)),
    bytes: readFileSync(file),
    executable: (stat.mode & 0o100) !== 0,
    origin,
  }));
}

/** How much there is in a layer, its own folder included. Reads none of its files; throws as listLayer does. */
export function measureLayer(
  root: string,
  from: string,
  shown: string,
): { readonly entries: number; readonly bytes: number } {
  const walk = { layer: `${shown}/${from}`, entries: 0 };
  let bytes = 0;
  for (const { stat } of findFiles(root, from, shown, walk)) bytes += stat.size;
  return { entries: walk.entries + 1, bytes };
}

interface FoundFile {
  readonly file: string;
  readonly origin: string;
  readonly stat: Stats;
}

/**
 * What there is to read in a layer. Stops with a TemplateError at the first file that makes it more than a template may be,
 * or that must not be read.
 * @param root the template's folder; nothing outside of it is read, whatever a symbolic link says
 * @param shown how messages call that folder
 */
function* findFiles(
  root: string,
  from: string,
  shown: string,
  progress: Walk,
): Generator<FoundFile> {
  const base = join(root, from);
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TemplateError(`${shown}: the layer folder "${from}" does not exist.`);
  }
  const realRoot = realpathSync(root);
  checkInside(realRoot, base, progress.layer);
  let totalBytes = 0;
  for (const file of walkLayer(base, progress)) {
    const origin = `${shown}/${toSlashes(relative(root, file))}`;
    checkInside(realRoot, file, origin);
    const stat = statSync(file);
    if (!stat.isFile()) throw new TemplateError(`${origin}: only files and folders can be copied.`);
    totalBytes += stat.size;
    const limit = file.endsWith('.ejs') ? LIMITS.ejsBytes : LIMITS.fileBytes;
    if (stat.size > limit) throw tooLarge(origin, limit);
    if (totalBytes > LIMITS.totalBytes) throw tooLarge(progress.layer, LIMITS.totalBytes);
    yield { file, origin, stat };
  }
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
