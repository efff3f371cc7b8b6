import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemplateError } from '../../errors.js';
import { explainFailure, type Meanings } from './explain-failure.js';
import type { Fetched, FetchSurroundings } from './fetched.js';
import { LIMITS } from './limits.js';
import { isExactVersion } from './pinned.js';
import { readTarGz } from './read-archive.js';
import { runTool } from './run-tool.js';
import { formatSource, redact, type NpmSource } from './template-source.js';
import { archiveTooLarge } from './too-large.js';
import { unwrap } from './unwrap.js';

/**
 * The files of a package, as its registry holds them, by the npm on this machine: so its user's .npmrc counts. Packing
 * what is published already runs no script; that none may run is said besides.
 * Throws a TemplateError, or the signal's reason.
 */
export async function fetchNpm(
  source: NpmSource,
  { workingDirectory, environment, signal }: FetchSurroundings,
): Promise<Fetched> {
  const scratch = mkdtempSync(join(tmpdir(), 'create-ai-backend-'));
  const shown = formatSource(source);
  try {
    const { name, version = 'latest' } = source;
    const { status, stdout, said } = await runTool(
      'npm',
      ['pack', ...FLAGS, ...here(scratch), '--', `${name}@${version}`],
      { directory: workingDirectory, environment, signal },
    );
    if (status === 'missing') {
      throw new TemplateError(
        `${shown}: npm is needed to fetch it, and there is none on this machine.`,
      );
    }
    const file = readdirSync(scratch).find((entry) => entry.endsWith('.tgz'));
    const exact = status === 'done' ? exactVersion(stdout.toString()) : undefined;
    if (file === undefined || exact === undefined)
      throw explainFailure(shown, redact(said), MEANINGS);
    return {
      resolved: formatSource({ ...source, version: exact }),
      entries: unwrap(await readTarGz(readArchive(join(scratch, file), shown), shown), shown),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** npm's own cache would answer for a registry that cannot be reached, with what a tag once was. */
function here(scratch: string): readonly string[] {
  return [`--pack-destination=${scratch}`, `--cache=${join(scratch, 'cache')}`];
}

const FLAGS = [
  '--ignore-scripts',
  '--json',
  '--loglevel=error',
  '--no-update-notifier',
  // By itself it would try again after ten seconds, and again after sixty.
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=500',
  '--fetch-retry-maxtimeout=500',
];

function readArchive(file: string, shown: string): Uint8Array {
  if (statSync(file).size <= LIMITS.archiveBytes) return readFileSync(file);
  throw archiveTooLarge(shown);
}

/** npm lists what it has packed: in a list, or, in later versions, by name. */
function exactVersion(json: string): string | undefined {
  try {
    const [packed] = Object.values(JSON.parse(json) as object) as { version?: unknown }[];
    return typeof packed?.version === 'string' && isExactVersion(packed.version)
      ? packed.version
      : undefined;
  } catch {
    return undefined;
  }
}

const MEANINGS: Meanings = [
  [/\bETARGET\b|No matching version found/, 'the package has no such version or tag.'],
  [
    /\b(E401|E403|ENEEDAUTH)\b/,
    'the registry asks who you are ($1): log in with npm login, or see your .npmrc.',
  ],
  [/\bE404\b/, 'there is no such package in the registry, or it may not be seen by you.'],
  [
    /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b/,
    'there is no way to the registry ($1): check the network, or use what was fetched before with --offline.',
  ],
  [/\bEINTEGRITY\b/, 'what the registry sent is not what it says that the package is.'],
  [/"summary": "([^"]+)"/, 'could not be fetched: $1'],
];
