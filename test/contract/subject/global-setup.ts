import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endRegisteredProcesses, registerVariable } from './process-register.js';
// Read here so that a run without a subject ends with one clear sentence and not with one for each file.
import './settings.js';

export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'contract-processes-'));
  process.env[registerVariable] = folder;
  return () => endRegisteredProcesses(folder);
}
