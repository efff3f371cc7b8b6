import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, it } from 'vitest';
import { plainEnvironment } from '../support/run-program.js';
import { generate, usualAnswers } from './support/generate.js';
import { checkSteps } from './support/run-steps.js';

const MINUTES = 60_000;

/** Each package manager once, and each framework: what one does with a project hardly depends on the other. */
const pairs = [
  { packageManager: 'npm', framework: 'fastify' },
  { packageManager: 'pnpm', framework: 'express' },
  { packageManager: 'yarn', framework: 'nestjs' },
  { packageManager: 'bun', framework: 'hono' },
] as const;

// Redis brings all that a project may depend on; where it cannot be tested, the other store has to do.
const { failed: hasNoRedis } = await execa('redis-server', ['--version'], { reject: false });
const store = hasNoRedis && process.env.CI !== 'true' ? 'memory' : 'redis';

interface Bench {
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A clean copy of an installed project, beside package managers that are installed nowhere else. */
async function cleanCopy(chosen: (typeof pairs)[number]): Promise<Bench> {
  const { packageManager } = chosen;
  const prefix = join(inject('scratch'), `global-${packageManager}`);
  const env = {
    ...plainEnvironment(),
    npm_config_prefix: prefix,
    PATH: [join(prefix, 'bin'), process.env.PATH].join(delimiter),
    // A commit needs an author, wherever the tests run.
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.com',
  };
  const answers = { ...usualAnswers, ...chosen, store } as const;
  const [setup = ''] = await checkSteps(await generate(answers));
  if (setup.includes('--global')) await execa(setup, { shell: true, env, extendEnv: false });

  const original = await generate(answers, ['--install', '--git'], env);
  const project = `${original}-copy`;
  await execa('git', ['clone', '--quiet', original, project]);
  return { project, env };
}

/** Names of installed packages that run something of their own when they are installed. */
async function packagesWithInstallScripts(modules: string): Promise<string[]> {
  const entries = await readdir(modules, { recursive: true, withFileTypes: true });
  const manifests = entries.filter(({ name }) => name === 'package.json');
  const names = await Promise.all(
    manifests.map(async ({ parentPath }) => {
      const text = await readFile(join(parentPath, 'package.json'), 'utf8');
      const isPackage = /[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+$/.test(parentPath);
      return isPackage && /"(?:pre|post)?install":/.test(scriptsOf(text)) ? parentPath : undefined;
    }),
  );
  return names.filter((name) => name !== undefined);
}

function scriptsOf(manifest: string): string {
  const { scripts = {} } = JSON.parse(manifest) as { scripts?: object };
  return JSON.stringify(scripts);
}

describe.each(pairs)(`$framework by $packageManager, on ${store}`, (chosen) => {
  it(
    'passes the steps of its own workflow, in order, on a clean copy',
    { timeout: 10 * MINUTES },
    async () => {
      const { project, env } = await cleanCopy(chosen);
      const steps = await checkSteps(project);
      expect(steps.length).toBeGreaterThanOrEqual(5);
      for (const step of steps) {
        const { exitCode, all } = await execa(step, {
          shell: true,
          all: true,
          reject: false,
          cwd: project,
          env: { ...env, CI: 'true' },
          extendEnv: false,
        });
        expect(exitCode, `${step}\n${all}`).toBe(0);
      }
      expect(existsSync(join(project, 'dist', 'main.js'))).toBe(true);

      const { stdout: changes } = await execa('git', ['status', '--short'], { cwd: project });
      expect(changes).toBe('');
      expect(await packagesWithInstallScripts(join(project, 'node_modules'))).toEqual([]);
    },
  );
});
