import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names the folder in which test workers note the groups they start; set by the global set-up. */
export const registerVariable = 'CONTRACT_PROCESS_REGISTER';

/**
 * A process that leads a group, and all that it has started. It is noted, so that it is ended even when the worker that
 * started it was killed. Once it is over, somebody else may have its number, who must be left alone.
 */
export class ProcessGroup {
  #isOver = false;

  /** @param child started as `detached` */
  static of(child: ChildProcess): ProcessGroup {
    return new ProcessGroup(child);
  }

  private constructor(private readonly child: ChildProcess) {
    const { pid } = child;
    const folder = process.env[registerVariable];
    const note = folder !== undefined && pid !== undefined ? join(folder, String(pid)) : undefined;
    if (note !== undefined) writeFileSync(note, '');
    child.once('exit', () => {
      this.#isOver = !signalGroup(pid, 0);
      if (this.#isOver && note !== undefined) rmSync(note, { force: true });
    });
  }

  /** Ends all that is left of it, at once. */
  kill(): void {
    if (!this.#isOver) signalGroup(this.child.pid, 'SIGKILL');
  }
}

/** Ends every noted group that is still alive. */
export function endNotedGroups(folder: string): void {
  if (!existsSync(folder)) return;
  for (const pid of readdirSync(folder)) signalGroup(Number(pid), 'SIGKILL');
}

/** @returns false where nothing is left of the group */
function signalGroup(pid: number | undefined, signal: 'SIGKILL' | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
