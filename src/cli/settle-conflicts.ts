import { ConflictError } from '../errors.js';
import type { ConflictPolicy } from '../options/table.js';
import type { Plan } from '../plan/plan.js';
import { findConflicts } from '../project/find-conflicts.js';
import type { Target } from '../project/resolve-target.js';
import { quote } from './quote.js';

export interface Settled {
  readonly toWrite: Plan;
  /** Planned files that stay as they are on disk. */
  readonly skipped: readonly string[];
}

/** Throws a ConflictError when the directory may not be written to. */
export function settleConflicts(planned: Plan, target: Target, policy: ConflictPolicy): Settled {
  const paths = planned.files.map(({ path }) => path);
  const existing = new Set(refuseConflicts(paths, target, policy));
  if (policy !== 'skip') return { toWrite: planned, skipped: [] };
  const toWrite = { ...planned, files: planned.files.filter(({ path }) => !existing.has(path)) };
  return { toWrite, skipped: [...existing] };
}

/**
 * Throws a ConflictError when the directory may not be written to. Without planned files it is what can be said before
 * anything is planned.
 *
 * @returns planned files that are there already
 */
export function refuseConflicts(
  planned: readonly string[],
  target: Target,
  policy: ConflictPolicy,
): readonly string[] {
  const { noDirectory, files, obstacles, others } = findConflicts(target.directory, planned);
  if (noDirectory) {
    throw new ConflictError(
      `${quote(target.shown)} is a file, or lies below one. Nothing was touched. Choose another directory.`,
      [target.shown],
    );
  }
  if (obstacles.length > 0) {
    throw new ConflictError(
      `${target.shown}: in the way, and neither a plain file nor a folder of the right kind: ${listNames(obstacles)}. Nothing was touched.`,
      obstacles,
    );
  }
  if (policy === 'error' && files.length + others.length > 0) {
    throw new ConflictError(refusal(target, files, others), files.length > 0 ? files : others);
  }
  return files;
}

function refusal(target: Target, files: readonly string[], others: readonly string[]): string {
  const what =
    files.length > 0 ? `would overwrite ${listNames(files)}` : `holds ${listNames(others)}`;
  return `The directory ${quote(target.shown)} is not empty: ${files.length > 0 ? 'this' : 'it'} ${what}. Nothing was touched. Choose another directory, or add --on-conflict skip or --on-conflict overwrite.`;
}

const NAMED = 10;

function listNames(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
