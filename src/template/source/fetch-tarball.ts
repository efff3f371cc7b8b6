import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { TemplateError } from '../../errors.js';
import { download } from './download.js';
import type { Fetched, FetchSurroundings } from './fetched.js';
import { LIMITS } from './limits.js';
import { readTarGz } from './read-archive.js';
import { resolvePath } from './resolve-path.js';
import { formatSource, isUrl, type TarballSource } from './template-source.js';
import { archiveTooLarge } from './too-large.js';
import { unwrap } from './unwrap.js';

/** The files of a .tgz at a path or a URL. Throws a TemplateError, or the signal's reason. */
export async function fetchTarball(
  source: TarballSource,
  surroundings: FetchSurroundings,
): Promise<Fetched> {
  const shown = formatSource(source);
  const { location } = source;
  const archive = isUrl(location)
    ? await download(location, { bytes: LIMITS.archiveBytes, signal: surroundings.signal })
    : readFile(resolvePath(location, surroundings), shown);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  if (source.sha256 !== undefined && source.sha256 !== sha256) {
    throw new TemplateError(`${shown}: the archive has changed: it is now sha256:${sha256}.`);
  }
  return {
    resolved: formatSource({ ...source, sha256 }),
    entries: unwrap(await readTarGz(archive, shown), shown),
  };
}

function readFile(file: string, shown: string): Uint8Array {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new TemplateError(`${shown}: there is no such file.`);
  if (stat.size > LIMITS.archiveBytes) throw archiveTooLarge(shown);
  return readFileSync(file);
}
