import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The package as npm would publish it. */
    readonly tarball: string;
    /** The program inside of it, unpacked. */
    readonly program: string;
    /** A folder for what the tests write; it goes away at the end. */
    readonly scratch: string;
  }
}

const REPOSITORY = join(import.meta.dirname, '../..');

/** Packs once for all tests of the package: what users get is what is tested. */
export default async function packTarball(project: TestProject): Promise<() => Promise<void>> {
  const scratch = await mkdtemp(join(tmpdir(), 'create-ai-backend-test-'));
  const packed = join(scratch, 'packed');
  await mkdir(packed);
  await execa('npm', ['pack', '--silent', '--pack-destination', packed], { cwd: REPOSITORY });
  const [file = ''] = (await readdir(packed)).filter((name) => name.endsWith('.tgz'));
  await execa('tar', ['xzf', file], { cwd: packed });
  project.provide('tarball', join(packed, file));
  project.provide('program', join(packed, 'package/bin/create-ai-backend.js'));
  project.provide('scratch', scratch);
  return () => rm(scratch, { recursive: true, force: true, maxRetries: 3 });
}
