import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { minimalService, STEPS } from '../support/minimal-service.js';
import { makeFolder, plainEnvironment, runProgram, type Outcome } from '../support/run-program.js';

interface Report {
  readonly examples: readonly {
    readonly directory?: string;
    readonly reason?: string;
    readonly resume?: string;
    readonly verification: { readonly steps: readonly { name: string; status: string }[] };
  }[];
}

/** In place of the suite: a package whose program tells what it was asked, and judges as it is told. */
const SUITE = {
  'suite/package.json': {
    name: 'create-ai-backend-contract',
    version: '9.9.9',
    bin: { 'create-ai-backend-contract': 'suite.js' },
  },
  'suite/suite.js': `#!/usr/bin/env node
require('node:fs').writeFileSync(process.env.ASKED, JSON.stringify(process.argv.slice(2)));
console.log('Broken, 1 in all');
process.exitCode = Number(process.env.JUDGEMENT);
`,
};

const WORKER = { processes: { worker: { command: ['node', 'the worker.js'] } } };

async function test(
  cwd: string,
  judgement: number,
  ...flags: readonly string[]
): Promise<Outcome & { readonly asked: () => unknown }> {
  const file = join(cwd, 'asked.json');
  const env = { ASKED: file, JUDGEMENT: String(judgement) };
  const args = ['template', 'test', './mine', '--json', ...flags];
  const outcome = await runProgram(args, { cwd, env });
  return { ...outcome, asked: () => JSON.parse(readFileSync(file, 'utf8')) as unknown };
}

describe('a template that claims the contract', () => {
  it('is tested by the conformance suite, against the program itself', async () => {
    const cwd = writeFolder(makeFolder(), { ...minimalService(), ...SUITE });
    const { exitCode, stdout, stderr, asked } = await test(cwd, 0, '--suite', './suite');
    expect(exitCode, stderr).toBe(0);
    const [example] = (JSON.parse(stdout) as Report).examples;
    expect(example?.verification.steps.map(({ name, status }) => [name, status])).toEqual(
      [...STEPS, 'conformance'].map((name) => [name, 'passed']),
    );
    expect(asked()).toEqual(['--command', 'node server.js']);
  });

  it('with a worker is tested with that, over Redis', async () => {
    const container = { entry: ['node', '--enable-source-maps', 'server.js'] };
    const service = minimalService(undefined, { ...WORKER, container });
    const cwd = writeFolder(makeFolder(), { ...service, ...SUITE });
    const { exitCode, asked } = await test(cwd, 0, '--suite', './suite');
    expect(exitCode).toBe(0);
    expect(asked()).toEqual([
      ...['--command', 'node --enable-source-maps server.js'],
      ...['--store', 'redis', '--required', '--worker-command', 'node "the worker.js"'],
    ]);
  });

  it('fails with the suite, and is told how to go on', async () => {
    const cwd = writeFolder(makeFolder(), { ...minimalService(), ...SUITE });
    const { exitCode, stdout, stderr } = await test(cwd, 1, '--suite', './suite');
    expect(exitCode).toBe(5);
    const { error } = JSON.parse(stdout) as { error: Report };
    const [example] = error.examples;
    const directory = String(example?.directory);
    onTestFinished(() => {
      rmSync(dirname(directory), { recursive: true });
    });
    expect(stderr).toContain('Verification failed at "conformance"');
    expect(example?.reason).toContain('Broken, 1 in all');
    expect(example?.resume).toBe(
      `cd ${directory} && npm exec --yes --package=${join(cwd, 'suite')} -- ` +
        `create-ai-backend-contract --command 'node server.js'`,
    );
  });

  it.each([
    ['./nowhere', /--suite: there is no folder "\.\/nowhere"\. Write npm:.*or none\./],
    ['./no.tgz', /--suite: there is no tarball "\.\/no\.tgz"\./],
    ['acme/suite', /--suite: "acme\/suite" is no package, tarball or folder\./],
    ['npm:', /--suite: "npm:" names no npm package\./],
  ])('is not tested at all with --suite %s, which is none', async (suite, sentence) => {
    const cwd = writeFolder(makeFolder(), minimalService());
    const { exitCode, stderr } = await test(cwd, 0, '--suite', suite);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(sentence);
  });

  it('but says nowhere how it is started, does not pass', async () => {
    const cwd = writeFolder(makeFolder(), minimalService(undefined, { commands: {} }));
    const { exitCode, stdout } = await test(cwd, 0);
    expect(exitCode).toBe(5);
    const { error } = JSON.parse(stdout) as { error: Report };
    const [example] = error.examples;
    rmSync(dirname(String(example?.directory)), { recursive: true });
    expect(example?.reason).toContain('neither container.entry nor commands.start says');
  });

  it('is left to itself with --suite none', async () => {
    const cwd = writeFolder(makeFolder(), { ...minimalService(), ...SUITE });
    const { exitCode, stdout } = await test(cwd, 1, '--suite', 'none');
    expect(exitCode).toBe(0);
    const [example] = (JSON.parse(stdout) as Report).examples;
    expect(example?.verification.steps.map(({ name }) => name)).toEqual(STEPS);
  });
});

it('a suite that is under way ends with the generator, with all that npm started for it', async () => {
  const endless = `#!/usr/bin/env node
const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
  require('node:fs').writeFileSync(process.env.ASKED, String(server.address().port));
});
`;
  const cwd = writeFolder(makeFolder(), {
    ...minimalService(),
    ...SUITE,
    'suite/suite.js': endless,
  });
  const file = join(cwd, 'asked.json');
  const child = execa(
    process.execPath,
    [inject('program'), 'template', 'test', './mine', '--suite', './suite'],
    { cwd, env: { ...plainEnvironment(), ASKED: file }, extendEnv: false, reject: false },
  );
  await vi.waitUntil(() => existsSync(file), 50_000);
  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 130,
    stderr: 'error Cancelled. Nothing is kept of default.',
  });
  const port = Number(readFileSync(file, 'utf8'));
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
});

it('a template that claims nothing is not tested by the suite', async () => {
  const service = minimalService(undefined, { contract: false });
  const cwd = writeFolder(makeFolder(), { ...service, ...SUITE });
  const { exitCode, stdout } = await test(cwd, 1, '--suite', './suite');
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain('conformance');
});
