import { readFile } from 'node:fs/promises';
import { delimiter, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { makeFolder, plainEnvironment } from '../support/run-program.js';
import { findNode } from './node-binary.js';

const MINUTE = 60_000;
const REPOSITORY = join(import.meta.dirname, '../..');

/**
 * The releases of Node that are supported. The floor, and the one that containers use, go through everything; those in
 * between and after have to install, pass the project's own commands and serve.
 */
const RELEASES = [
  { version: '20.19', conformance: true },
  { version: '22', conformance: false },
  { version: '24', conformance: true },
  { version: '26', conformance: false },
];

const found = await Promise.all(
  RELEASES.map(async (release) => ({ ...release, folder: await findNode(release.version) })),
);

for (const { version, conformance, folder } of found) {
  const title = `a Fastify backend on Node ${version}`;
  // Without the registry, said as skipped; where everything is required, a failure.
  const cannotRun = folder === undefined && process.env.CI !== 'true';
  describe.skipIf(cannotRun)(folder ? title : `${title}, which could not be installed`, () => {
    const environment = { ...plainEnvironment(), PATH: path(folder) };
    let project: string;

    beforeAll(async () => {
      expect(folder, `Node ${version} could not be installed.`).toBeDefined();
      const parent = makeFolder(`node-${version}`);
      // Relative, as in the README: npx takes an absolute path for a program.
      const tarball = relative(parent, inject('tarball'));
      await run(parent, 'npx', '--yes', tarball, 'my-ai', '--framework', 'fastify', '--yes');
      project = join(parent, 'my-ai');
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

    it('serves as its start script says, and ends well on SIGTERM', async () => {
      const [file = '', ...args] = await startScript(project);
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

    if (!conformance) return;

    it('serves the contract', { timeout: 20 * MINUTE }, async () => {
      const vitest = join(REPOSITORY, 'node_modules/vitest/vitest.mjs');
      const suite = join(REPOSITORY, 'test/contract/vitest.config.ts');
      const command = (await startScript(project)).join(' ');
      const { exitCode, all } = await execa('node', [vitest, 'run', '--config', suite], {
        cwd: REPOSITORY,
        env: { ...environment, CONTRACT_COMMAND: command, CONTRACT_CWD: project },
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

/** What `npm start` runs, without npm in between: signals have to reach the server itself. */
async function startScript(project: string): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ');
}

async function listeningUrl(stdout: Readable): Promise<string> {
  for await (const line of createInterface(stdout)) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return url;
  }
  throw new Error('The server ended before it listened.');
}
