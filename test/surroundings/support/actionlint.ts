import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from './repository.js';

const MODULE = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';
const FOLDER = join(repository, 'node_modules', '.cache', 'actionlint');

/**
 * The linter for workflows: the one on the path, or one that Go installs into this repository's cache.
 *
 * @returns undefined where there is neither
 */
export async function findActionlint(): Promise<string | undefined> {
  if (await runs('actionlint', '-version')) return 'actionlint';
  const own = join(FOLDER, 'actionlint');
  if (await exists(own)) return own;
  if (!(await runs('go', 'version'))) return undefined;
  await execa('go', ['install', MODULE], { env: { GOBIN: FOLDER } });
  return own;
}

async function runs(file: string, ...args: readonly string[]): Promise<boolean> {
  const { failed } = await execa(file, args, { reject: false });
  return !failed;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
