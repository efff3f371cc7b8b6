import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { toWriteError } from '../../project/write-error.js';
import { cacheFolder } from './cache-folder.js';
import type { ArchiveEntry } from './read-archive.js';

/** What a source was when it was last fetched. */
export interface CachedTemplate {
  readonly resolved: string;
  readonly folder: string;
}

export interface Cache {
  /** `damaged` when what lies there is no longer what was put there; undefined when nothing was. */
  find(source: string): CachedTemplate | 'damaged' | undefined;
  /** Keeps files under their digest, and what the source resolved to. Throws a WriteError. */
  store(source: string, resolved: string, entries: readonly ArchiveEntry[]): CachedTemplate;
  /** The text that was last read from an address. */
  findText(address: string): string | undefined;
  storeText(address: string, text: string): void;
}

/**
 * Templates lie in folders named by the digest of what is in them, so that two sources, or two processes, that put the
 * same there agree. Each source has a file of its own that says which it was: there is no index to fight over.
 */
export function openCache(environment: NodeJS.ProcessEnv): Cache {
  const root = cacheFolder(environment);
  const templates = join(root, 'templates');
  const fileOf = (kind: 'sources' | 'texts', name: string): string =>
    join(root, kind, `${sha256(name)}.json`);

  return {
    find: (source) => {
      const record = readRecord(fileOf('sources', source));
      if (!record) return undefined;
      const folder = join(templates, record.content);
      return isIntact(folder, record.content) ? { resolved: record.resolved, folder } : 'damaged';
    },
    store: (source, resolved, entries) =>
      writing(root, () => {
        const content = digestOf(entries.map(toFact));
        const folder = join(templates, content);
        if (!isIntact(folder, content)) placeFolder(folder, content, entries);
        const record = JSON.stringify({ source, resolved, content } satisfies SourceRecord);
        for (const name of new Set([source, resolved]))
          placeFile(fileOf('sources', name), `${record}\n`);
        return { resolved, folder };
      }),
    findText: (address) => readText(fileOf('texts', address)),
    storeText: (address, text) => {
      writing(root, () => {
        placeFile(fileOf('texts', address), text);
      });
    },
  };
}

interface SourceRecord {
  readonly source: string;
  readonly resolved: string;
  readonly content: string;
}

function readRecord(file: string): SourceRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<SourceRecord> | null;
    const { source, resolved, content } = record ?? {};
    if (typeof source !== 'string' || typeof resolved !== 'string') return undefined;
    return typeof content === 'string' && /^[0-9a-f]{64}$/.test(content)
      ? { source, resolved, content }
      : undefined;
  } catch {
    return undefined; // never written, or damaged: either way nothing is known of the source
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Beside its place first, then moved there: whoever looks finds nothing or all of it. */
function placeFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = mkdtempSync(join(dirname(file), '.partial-'));
  try {
    writeFileSync(join(beside, 'file'), text, { mode: 0o600 });
    renameSync(join(beside, 'file'), file);
  } finally {
    rmSync(beside, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Throws what the disk says. */
function placeFolder(folder: string, content: string, entries: readonly ArchiveEntry[]): void {
  mkdirSync(dirname(folder), { recursive: true });
  const beside = mkdtempSync(join(dirname(folder), '.partial-'));
  try {
    const written = join(beside, 'new');
    for (const { path, bytes, executable } of entries) {
      const file = join(written, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      if (executable) chmodSync(file, 0o755);
    }
    moveInPlace(written, folder, content, beside);
  } finally {
    rmSync(beside, { recursive: true, force: true, maxRetries: 3 });
  }
}

const ATTEMPTS = 5;

/** Two processes may do this at once: what is intact stays, and what is damaged goes aside for whoever is first. */
function moveInPlace(written: string, folder: string, content: string, beside: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(written, folder);
      return;
    } catch (error) {
      if (isIntact(folder, content)) return;
      if (attempt === ATTEMPTS) throw error;
    }
    try {
      renameSync(folder, join(beside, `damaged-${attempt}`));
    } catch {
      // it is not there any more, or cannot be moved: the next attempt says so
    }
  }
}

/** A path, whether it is executable, and the digest of what is in it. */
type FileFact = readonly [path: string, executable: boolean, sha256: string];

function toFact({ path, bytes, executable }: ArchiveEntry): FileFact {
  return [path, isExecutable(executable), sha256(bytes)];
}

function isIntact(folder: string, content: string): boolean {
  try {
    return existsSync(folder) && digestOf(readFacts(folder)) === content;
  } catch {
    return false; // what cannot be read is of no use
  }
}

function readFacts(folder: string): FileFact[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(folder, file).split(sep).join('/');
      // A link is not followed, and so is never what was written.
      if (!entry.isFile()) return [path, false, ''];
      return [path, isExecutable((statSync(file).mode & 0o100) !== 0), sha256(readFileSync(file))];
    });
}

/** Windows has no such thing, and would find every template with a script damaged. */
function isExecutable(executable: boolean): boolean {
  return executable && process.platform !== 'win32';
}

function digestOf(facts: readonly FileFact[]): string {
  return sha256(JSON.stringify(facts.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function writing<Result>(folder: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    throw toWriteError(error, folder);
  }
}
