import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endNotedGroups, registerVariable } from './process-group.js';

/** How long a worker that was told to end with us may still be about to start something. */
const LAST_START_MS = 300;

/** A run without a subject ends with one clear sentence, and not with one for each file. */
function refuse(error: Error): never {
  console.error(error.message);
  process.exit(2);
}

/** Sees to it that nothing is left, however the run ends: no process, and no file. */
export default async function setup(): Promise<() => void> {
  await import('./settings.js').catch(refuse);
  const folder = mkdtempSync(join(tmpdir(), 'contract-'));
  const processes = join(folder, 'processes');
  const files = join(folder, 'files');
  for (const each of [processes, files]) mkdirSync(each);
  process.env[registerVariable] = processes;
  process.env['TMPDIR'] = files;
  const tidy = () => {
    endNotedGroups(processes);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', tidy);
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
    process.once(signal, () => {
      endNotedGroups(processes);
      setTimeout(() => process.exit(128 + number), LAST_START_MS);
    });
  }
  return tidy;
}
