import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const CACHE = join(import.meta.dirname, '../../node_modules/.cache/node');

/**
 * The folder with `node` of a release line, which npm has as a package for each platform.
 *
 * @param version `20.19`, `24` …
 * @returns undefined where the registry cannot be reached, or has none for this platform
 */
export async function findNode(version: string): Promise<string | undefined> {
  const prefix = join(CACHE, version);
  const name = `node-${process.platform.replace('win32', 'win')}-${process.arch}`;
  const folder = join(prefix, 'node_modules', name, 'bin');
  if (existsSync(join(folder, 'node'))) return folder;
  await mkdir(prefix, { recursive: true });
  const { failed } = await execa(
    'npm',
    ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`],
    { reject: false },
  );
  return failed ? undefined : folder;
}
