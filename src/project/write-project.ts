import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { PlannedFile } from '../plan/plan.js';
import { toWriteError } from './write-error.js';

/** A point at which a run can still be given up; throws when it should be. */
export type Checkpoint = () => Promise<void>;

/**
 * Writes a project as a transaction: everything goes to a folder beside its destination and is moved there in one step.
 * Writing itself is synchronous, so that no signal handler runs halfway; `checkpoint` is where a signal is noticed.
 * Throws a WriteError, or what the checkpoint throws; in both cases the disk is as it was before.
 */
export async function writeProject(
  directory: string,
  files: readonly PlannedFile[],
  checkpoint: Checkpoint,
): Promise<void> {
  const exists = statSync(directory, { throwIfNoEntry: false }) !== undefined;
  const root = exists ? directory : topmostMissing(directory);
  const staging = createStaging(exists ? directory : dirname(root));
  try {
    const staged = join(staging, 'new');
    writeFiles(join(staged, relative(root, directory)), files);
    await checkpoint();
    if (exists) await adopt(staged, directory, join(staging, 'old'));
    else renameSync(staged, root);
  } catch (error) {
    throw toWriteError(error, directory);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Moving into a directory that exists is the rare case, and needs more code: it is loaded when it happens. */
async function adopt(staged: string, directory: string, backup: string): Promise<void> {
  const { moveInto } = await import('./move-into.js');
  moveInto(staged, directory, backup);
}

/** The first part of a path that is not there yet: creating that is one step, whatever lies below. */
function topmostMissing(directory: string): string {
  const parent = dirname(directory);
  return statSync(parent, { throwIfNoEntry: false }) ? directory : topmostMissing(parent);
}

function createStaging(parent: string): string {
  try {
    return mkdtempSync(join(parent, '.create-ai-backend-'));
  } catch (error) {
    throw toWriteError(error, parent);
  }
}

function writeFiles(directory: string, files: readonly PlannedFile[]): void {
  mkdirSync(directory, { recursive: true });
  const folders = new Set(files.map(({ path }) => dirname(path)));
  for (const folder of folders) {
    if (folder !== '.') mkdirSync(join(directory, folder), { recursive: true });
  }
  for (const { path, content, executable } of files) {
    // encoding and flag are the defaults, but only spelt out do they take Node 20's way of writing text in one call
    const mode = executable ? 0o777 : 0o666;
    // slashes are as good on every system, and join takes a third as long again as writing
    writeFileSync(`${directory}/${path}`, content, { encoding: 'utf8', flag: 'w', mode });
  }
}
