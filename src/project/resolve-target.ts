import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { UsageError } from '../errors.js';
import { findNameFault, toValidName } from './project-name.js';

/** Where a project goes. */
export interface Target {
  /** Absolute. */
  readonly directory: string;
  /** As a person standing in the working directory would type it, with forward slashes; `.` for that directory itself. */
  readonly shown: string;
  /** The project's name: that of the directory. */
  readonly name: string;
}

/** Throws a UsageError, with a form that would be valid, for a directory that cannot be a project's. */
export function resolveTarget(typed: string, workingDirectory: string): Target {
  const directory = resolve(workingDirectory, typed);
  const shown = relative(workingDirectory, directory).split(sep).join('/') || '.';
  if (typed.trim() === '' || typed.includes('\0')) {
    throw new UsageError('The directory must not be empty. Use a name such as my-ai.');
  }
  if (leadsOut(shown) || leadsOut(relative(realpathSync(workingDirectory), realPath(directory)))) {
    const hint = toValidName(basename(directory)) ?? 'my-ai';
    throw new UsageError(
      `"${typed}" lies outside of the current directory. Use a path inside it, such as ${hint}, or go there first.`,
    );
  }
  return { directory, shown, name: projectName(directory, shown, typed) };
}

function projectName(directory: string, shown: string, typed: string): string {
  const base = basename(directory);
  const fault = findNameFault(base);
  if (fault === undefined) return base;
  const valid = toValidName(base);
  if (shown === '.') return valid ?? 'my-ai'; // the directory is there: only the package's name is ours to choose
  const hint = valid === undefined ? 'my-ai' : typed.slice(0, typed.lastIndexOf(base)) + valid;
  throw new UsageError(
    `"${shorten(base)}" cannot be a project's name: it ${fault}. Use ${shorten(hint)}.`,
  );
}

function leadsOut(path: string): boolean {
  return path === '..' || path.startsWith('../') || path.startsWith(`..${sep}`) || isAbsolute(path);
}

/** Where a path really leads, symbolic links followed as far as the path exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : resolve(realPath(parent), basename(path));
  }
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
