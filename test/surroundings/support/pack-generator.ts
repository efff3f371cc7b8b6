import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { repository } from './repository.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the program inside the unpacked tarball. */
    generator: string;
    /** Folder for everything that the tests make. */
    workshop: string;
  }
}

/** Packs the generator as npm would publish it, and unpacks it: what users run is what is tested. */
export default async function packGenerator(project: TestProject): Promise<() => Promise<void>> {
  const workshop = await mkdtemp(join(tmpdir(), 'surroundings-'));
  await execa('npm', ['pack', '--silent', '--pack-destination', workshop], { cwd: repository });
  await execa('sh', ['-c', 'tar xzf ./*.tgz'], { cwd: workshop });
  project.provide('generator', join(workshop, 'package', 'bin', 'create-ai-backend.js'));
  project.provide('workshop', workshop);
  return () => rm(workshop, { recursive: true, force: true, maxRetries: 3 });
}
