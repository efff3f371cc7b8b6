import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';
import { makeFolder, plainEnvironment } from '../../support/run-program.js';

export interface Answers {
  readonly framework: (typeof frameworks)[number];
  readonly packageManager: 'npm' | 'pnpm' | 'yarn' | 'bun';
  readonly store: 'memory' | 'redis';
  readonly provider: 'mock' | 'openai' | 'anthropic';
  readonly ci: 'github' | 'none';
  readonly docker: boolean;
}

export const usualAnswers: Answers = {
  framework: 'fastify',
  packageManager: 'npm',
  store: 'memory',
  provider: 'mock',
  ci: 'github',
  docker: true,
};

export const frameworks = ['fastify', 'express', 'nestjs', 'hono'] as const;

const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;

const stores = ['memory', 'redis'] as const;

/** Each framework with each store. */
export const everyProgram: readonly Answers[] = frameworks.flatMap((framework) =>
  stores.map((store) => ({ ...usualAnswers, framework, store })),
);

/** Answers that change what surrounds the source: all of them together, but stores beside the package manager alone. */
export const everyAnswers: readonly Answers[] = packageManagers.flatMap((packageManager) => [
  ...(['mock', 'openai', 'anthropic'] as const).flatMap((provider) =>
    (['github', 'none'] as const).flatMap((ci) =>
      [true, false].map((docker) => ({ ...usualAnswers, packageManager, provider, ci, docker })),
    ),
  ),
  { ...usualAnswers, packageManager, store: 'redis' },
]);

export function describeAnswers({ docker, ...others }: Answers): string {
  return [...Object.values(others), docker ? 'docker' : 'no docker'].join(', ');
}

/**
 * Generates a project without installing it.
 *
 * @returns its folder, named `my-ai`
 */
export async function generate(
  answers: Answers = usualAnswers,
  flags: readonly string[] = ['--no-install', '--no-git'],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const parent = makeFolder('project');
  const { framework, packageManager, store, provider, ci, docker } = answers;
  await execa(
    process.execPath,
    [
      inject('program'),
      'my-ai',
      '--yes',
      ...['--framework', framework, '--package-manager', packageManager, '--store', store],
      ...['--provider', provider, '--ci', ci, docker ? '--docker' : '--no-docker'],
      ...flags,
    ],
    { cwd: parent, env: { ...plainEnvironment(), ...env }, extendEnv: false },
  );
  return join(parent, 'my-ai');
}

/** Path to content of every file of a project. */
export async function readTree(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => [relative(folder, path), await readFile(path, 'utf8')] as const),
  );
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function readText(folder: string, path: string): Promise<string> {
  return readFile(join(folder, path), 'utf8');
}
