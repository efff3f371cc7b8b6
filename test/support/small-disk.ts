import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Disk {
  readonly folder: string;
  unmount(): void;
}

/** A file system of its own in memory, or undefined where mounting is not allowed. */
export function mountDisk(options: string): Disk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'create-ai-backend-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return {
    folder,
    unmount: () => {
      execFileSync('umount', [folder]);
    },
  };
}

export function remountReadOnly({ folder }: Disk): void {
  execFileSync('mount', ['-o', 'remount,ro', folder]);
}
