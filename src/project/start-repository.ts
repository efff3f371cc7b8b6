import { runCommand, type CommandOutcome } from './run-command.js';

/** `started` with a first commit, or why not. None of these is a failure of the run. */
export type RepositoryOutcome = 'started' | 'no-git' | 'inside-repository' | 'no-commit';

/** Hooks and signing belong to the person's own commits: here they could ask or refuse. */
const COMMIT = ['commit', '--quiet', '--no-verify', '--no-gpg-sign', '--message', 'Initial commit'];

/** Makes the directory a git repository with everything in one commit, unless it lies in a repository already. */
export async function startRepository(
  directory: string,
  signal?: AbortSignal,
): Promise<RepositoryOutcome> {
  const git = (...args: string[]): Promise<CommandOutcome> =>
    runCommand(['git', ...args], { directory, ...(signal ? { signal } : {}) });
  const inside = await git('rev-parse', '--is-inside-work-tree');
  if (inside.missing) return 'no-git';
  if (inside.ok) return 'inside-repository';
  const steps = [['init', '--quiet', '--initial-branch=main'], ['add', '--all'], COMMIT];
  for (const step of steps) {
    if (!(await git(...step)).ok) return 'no-commit';
  }
  return 'started';
}
