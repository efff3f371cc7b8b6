import { join, resolve } from 'node:path';
import { homeFolder } from './cache-folder.js';

/** A path as it was typed: `~` is left to us where no shell has seen it, as in a file. */
export function resolvePath(
  path: string,
  {
    workingDirectory,
    environment,
  }: { readonly workingDirectory: string; readonly environment: NodeJS.ProcessEnv },
): string {
  if (/^~[/\\]/.test(path)) return join(homeFolder(environment), path.slice(1));
  return resolve(workingDirectory, path);
}
