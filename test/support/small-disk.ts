import { execFileSync } from 'node:child_process';
import { makeFolder } from './run-program.js';

export interface Disk {
  readonly folder: string;
  unmount(): void;
}

/** A file system of its own in memory, or undefined where mounting is not allowed. */
export function mountDisk(options: string): Disk | undefined {
  const folder = makeFolder('disk');
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
