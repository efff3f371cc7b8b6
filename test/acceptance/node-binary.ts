import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
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
  const name = `node-${process.platform.replace('win32', 'win')}-${process.arch}`;
  const prefix = join(CACHE, version);
  const folder = join(prefix, 'node_modules', name, 'bin');
  if (existsSync(join(folder, 'node'))) return folder;
  await mkdir(CACHE, { recursive: true });
  // Several test files may look for the same release at once: it is there as a whole, or not at all.
  const staging = await mkdtemp(join(CACHE, 'installing-'));
  const flags = ['--prefix', staging, '--no-save', '--no-audit', '--no-fund'];
  const { failed } = await execa('npm', ['install', ...flags, `${name}@${version}`], {
    reject: false,
  });
  if (!failed) await rename(staging, prefix).catch(() => undefined);
  await rm(staging, { recursive: true, force: true });
  return existsSync(join(folder, 'node')) ? folder : undefined;
}
