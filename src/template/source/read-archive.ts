import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { unpackTar, type TarHeader } from 'modern-tar';
import { TemplateError } from '../../errors.js';
import { checkPath } from '../../plan/check-path.js';
import { checkNamesTogether } from './check-names.js';
import { checkTarEntries } from './check-tar-entries.js';
import { formatLimit, LIMITS } from './limits.js';
import { archiveTooLarge, contentTooLarge } from './too-large.js';

/** A file out of an archive. Its path is plain, relative and safe on every system. */
export interface ArchiveEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/**
 * The files of a .tar.gz, checked and in memory. Throws a TemplateError for whatever a template has no need of.
 * @param shown how messages call the archive
 */
export async function readTarGz(archive: Uint8Array, shown: string): Promise<ArchiveEntry[]> {
  return readTar(await unzip(archive, shown), shown);
}

/** The same for a .tar that is not compressed. */
export async function readTar(tar: Uint8Array, shown: string): Promise<ArchiveEntry[]> {
  if (tar.length > LIMITS.tarBytes) throw contentTooLarge(shown);
  checkTarEntries(tar, shown);
  const unpacked = await unpack(tar, shown);
  const entries = unpacked.flatMap(({ header, data = new Uint8Array() }) => {
    checkNoSparse(header, shown);
    const path = header.name.replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
    if (path === '' || path === '.') return [];
    if (path.length > LIMITS.pathLength) throw longPath(path, shown);
    checkPath(path, shown);
    if (header.type === 'directory') return [];
    return [{ path, bytes: data, executable: ((header.mode ?? 0) & 0o100) !== 0 }];
  });
  checkSizes(entries, shown);
  checkNamesTogether(
    entries.map(({ path }) => path),
    shown,
  );
  return entries;
}

async function unzip(archive: Uint8Array, shown: string): Promise<Uint8Array> {
  if (archive.length > LIMITS.archiveBytes) throw archiveTooLarge(shown);
  if (archive[0] !== 0x1f || archive[1] !== 0x8b) {
    throw new TemplateError(`${shown}: this is not a tarball: it is not compressed by gzip.`);
  }
  try {
    return await promisify(gunzip)(archive, { maxOutputLength: LIMITS.tarBytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE' ? contentTooLarge(shown) : damaged(shown, message);
  }
}

async function unpack(tar: Uint8Array, shown: string): ReturnType<typeof unpackTar> {
  try {
    return await unpackTar(tar, { strict: true });
  } catch (error) {
    throw damaged(shown, (error as Error).message);
  }
}

/** Sparse files, and files whose size stands elsewhere, are how one archive looks different to two programs. */
function checkNoSparse({ name, pax = {} }: TarHeader, shown: string): void {
  if (Object.keys(pax).some((key) => key.startsWith('GNU.sparse.')))
    throw new TemplateError(`${shown}: "${name}" is a sparse file, which no template needs.`);
  if (Object.hasOwn(pax, 'size'))
    throw new TemplateError(`${shown}: "${name}" gives its size twice.`);
}

function checkSizes(entries: readonly ArchiveEntry[], shown: string): void {
  if (entries.length > LIMITS.files) {
    throw new TemplateError(
      `${shown}: more than ${LIMITS.files.toLocaleString('en')} files, more than a template may have.`,
    );
  }
  for (const { path, bytes } of entries) {
    const most = /(^|\/)template\.json$/.test(path) ? LIMITS.manifestBytes : LIMITS.fileBytes;
    if (bytes.length <= most) continue;
    throw new TemplateError(
      `${shown}: "${path}" is larger than ${formatLimit(most)}, more than such a file may be.`,
    );
  }
  if (entries.reduce((sum, { bytes }) => sum + bytes.length, 0) > LIMITS.totalBytes)
    throw contentTooLarge(shown);
}

function longPath(path: string, shown: string): TemplateError {
  return new TemplateError(
    `${shown}: the path "${path.slice(0, 40)}…" is longer than ${LIMITS.pathLength} characters.`,
  );
}

function damaged(shown: string, reason: string): TemplateError {
  return new TemplateError(`${shown}: the archive is damaged: ${reason.replace(/\.$/, '')}.`);
}
