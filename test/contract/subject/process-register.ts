import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names the folder in which test workers note the processes they start; set by the global set-up. */
export const registerVariable = 'CONTRACT_PROCESS_REGISTER';

/**
 * Notes a process that leads a group, so that all of it is ended even when the worker that started it was killed. What
 * is over is taken out: by the end of a long run somebody else may have its number.
 */
export function registerProcess(child: ChildProcess): void {
  const folder = process.env[registerVariable];
  const { pid } = child;
  if (folder === undefined || pid === undefined) return;
  const note = join(folder, String(pid));
  writeFileSync(note, '');
  child.once('exit', () => {
    // As long as any of its group lives, nobody else gets the number.
    if (!signalGroup(pid, 0)) rmSync(note, { force: true });
  });
}

/** Ends every noted process group that is still alive. */
export function endRegisteredProcesses(folder: string): void {
  if (!existsSync(folder)) return;
  for (const pid of readdirSync(folder)) signalGroup(Number(pid), 'SIGKILL');
}

/** @returns false where nothing is left of the group */
function signalGroup(pid: number, signal: 'SIGKILL' | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
