import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { makeFolder, plainEnvironment } from '../support/run-program.js';
import { findNode } from './node-binary.js';

const MINUTE = 60_000;
const REPOSITORY = join(import.meta.dirname, '../..');

interface Suite {
  readonly title: string;
  readonly config: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const CONTRACT = 'test/contract/vitest.config.ts';
const REDIS = { CONTRACT_STORE: 'redis' };

/** What a backend can be put through, beside the commands of its own project. */
export const ON_ONE_PROCESS: Suite = { title: 'serves the contract', config: CONTRACT };
export const ON_REDIS: Suite = {
  title: 'serves the contract, by one API and one worker',
  config: CONTRACT,
  environment: REDIS,
};
export const ON_A_CLUSTER: Suite = {
  title: 'serves the contract, by two APIs behind a balancer and two workers',
  config: CONTRACT,
  environment: { ...REDIS, CONTRACT_APIS: '2', CONTRACT_WORKERS: '2' },
};
export const UNDER_FAILURES: Suite = {
  title: 'loses nothing when processes are killed and Redis goes away',
  config: 'test/scale/vitest.config.ts',
  environment: REDIS,
};

/** A project as the packed generator writes it, and what it has to pass. */
export interface Case {
  readonly store: 'memory' | 'redis';
  /** Of Node. */
  readonly version: string;
  readonly suites: readonly Suite[];
}

/**
 * Tests projects of one framework by their own commands, and by what each case names. Over all frameworks, each with each
 * store goes through the conformance suite, and every supported release of Node runs some of them; two processes behind
 * a balancer and one of each kind take turns.
 */
export async function acceptBackends(framework: string, cases: readonly Case[]): Promise<void> {
  for (const each of cases) acceptBackend(framework, each, await findNode(each.version));
}

/** @param folder of Node's binary */
function acceptBackend(framework: string, { version, store, suites }: Case, folder?: string): void {
  const title = `a project of ${framework} with the ${store} store on Node ${version}`;
  // Without the registry, said as skipped; where everything is required, a failure.
  const cannotRun = folder === undefined && process.env.CI !== 'true';
  describe.skipIf(cannotRun)(folder ? title : `${title}, which could not be installed`, () => {
    const environment = { ...plainEnvironment(), PATH: path(folder) };
    let project: string;

    beforeAll(async () => {
      expect(folder, `Node ${version} could not be installed.`).toBeDefined();
      const parent = makeFolder(`${framework}-${store}`);
      // Relative, as in the README: npx takes an absolute path for a program.
      const tarball = relative(parent, inject('tarball'));
      const flags = ['--framework', framework, '--store', store, '--yes'];
      await run(parent, 'npx', '--yes', tarball, 'my-ai', ...flags);
      project = join(parent, 'my-ai');
      // The suite checks what watches a backend where it finds it.
      expect(existsSync(join(project, 'ops/grafana/dashboard.json'))).toBe(true);
    }, 5 * MINUTE);

    async function run(cwd: string, file: string, ...args: string[]): Promise<void> {
      const { exitCode, all } = await execa(file, args, {
        cwd,
        env: environment,
        extendEnv: false,
        all: true,
        reject: false,
        stdin: 'ignore',
      });
      expect(exitCode, `${file} ${args.join(' ')}\n${all}`).toBe(0);
    }

    it.each([
      ['tests', ['test']],
      ['type check', ['run', 'typecheck']],
      ['lint', ['run', 'lint']],
      ['build', ['run', 'build']],
    ])('passes its own %s', { timeout: 5 * MINUTE }, async (_what, args) => {
      await run(project, 'npm', ...args);
    });

    it('leads from what was built to its sources, and to no package', async () => {
      const program = (await script(project, 'start')).at(-1) ?? '';
      const sources = await mappedSources(join(project, dirname(program)));
      expect(sources).toContain('../src/main.ts');
      expect(sources.filter((source) => source.includes('node_modules'))).toEqual([]);
    });

    it('serves as its start script says, and ends well on SIGTERM', async () => {
      const [file = '', ...args] = await script(project, 'start');
      const server = execa(file, args, {
        cwd: project,
        env: { ...environment, PORT: '0' },
        extendEnv: false,
        stdin: 'ignore',
      });
      const url = await listeningUrl(server.stdout);
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'default', messages: [{ role: 'user', content: 'Hello' }] }),
      });
      expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
      server.kill('SIGTERM');
      expect((await server).exitCode).toBe(0);
    });

    it.each(suites)('$title', { timeout: 20 * MINUTE }, async (suite) => {
      const vitest = join(REPOSITORY, 'node_modules/vitest/vitest.mjs');
      const config = join(REPOSITORY, suite.config);
      const { exitCode, all } = await execa('node', [vitest, 'run', '--config', config], {
        cwd: REPOSITORY,
        env: {
          ...environment,
          ...suite.environment,
          CI: process.env.CI ?? '',
          CONTRACT_COMMAND: (await script(project, 'start')).join(' '),
          CONTRACT_WORKER_COMMAND: (await script(project, 'worker')).join(' '),
          CONTRACT_CWD: project,
        },
        extendEnv: false,
        all: true,
        reject: false,
      });
      expect(exitCode, all).toBe(0);
    });
  });
}

function path(folder = ''): string {
  return [folder, process.env.PATH].join(delimiter);
}

/** What a script runs, without npm in between: signals have to reach the process itself. */
async function script(project: string, name: 'start' | 'worker'): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  return (scripts[name] ?? '').split(' ');
}

/** What the source maps in a folder's programs lead to; each is in a comment at the end (ECMA-426). */
async function mappedSources(folder: string): Promise<string[]> {
  const programs = (await readdir(folder)).filter((file) => file.endsWith('.js'));
  const maps = programs.map(async (file) => {
    const code = await readFile(join(folder, file), 'utf8');
    const map = code.slice(code.lastIndexOf('\n//# sourceMappingURL=')).split('base64,')[1];
    if (map === undefined) return [];
    return (JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] }).sources;
  });
  return (await Promise.all(maps)).flat();
}

async function listeningUrl(stdout: Readable): Promise<string> {
  for await (const line of createInterface(stdout)) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return url;
  }
  throw new Error('The server ended before it listened.');
}
