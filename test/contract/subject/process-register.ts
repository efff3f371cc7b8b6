import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names the folder in which test workers note the processes they start; set by the global set-up. */
export const registerVariable = 'CONTRACT_PROCESS_REGISTER';

/** Notes a started process, so that it is ended even when the worker that started it was killed. */
export async function registerProcess(pid: number | undefined): Promise<void> {
  const folder = process.env[registerVariable];
  if (folder !== undefined && pid !== undefined) await writeFile(join(folder, String(pid)), '');
}

/** Ends every noted process group that is still alive. */
export function endRegisteredProcesses(folder: string): void {
  if (!existsSync(folder)) return;
  for (const pid of readdirSync(folder)) {
    try {
      process.kill(-Number(pid), 'SIGKILL');
    } catch {
      // Ended by its own test, as it should be.
    }
  }
}
