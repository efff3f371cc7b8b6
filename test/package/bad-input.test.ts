import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listEntries } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram, type Outcome } from '../support/run-program.js';

const run = (cwd: string, ...args: string[]): Promise<Outcome> =>
  runProgram([...args, ...QUICK], { cwd });

/** Nobody ever sees a stack or an errno dump. */
function expectSentence(stderr: string): void {
  expect(stderr).toMatch(/^error \S/);
  expect(stderr).not.toMatch(/\n\s+at /);
}

describe('a directory that cannot be a project', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['..', /outside of the current directory.*such as/],
    ['../x', /outside of the current directory.*such as x/],
    ['a/../../x', /outside of the current directory/],
    ['/abs-outside', /outside of the current directory.*such as abs-outside/],
    ['', /must not be empty.*my-ai/],
    ['Foo Bar', /cannot be a project's name.*Use foo-bar/],
    ['./a/Foo Bar', /Use \.\/a\/foo-bar/],
    ['MyApp', /Use myapp/],
    ['.hidden', /Use hidden/],
    ['_private', /Use private/],
    ['trailing-', /Use trailing/],
    ['Käse', /Use kase/],
    ['日本', /Use my-ai/],
    ['node_modules', /reserved/],
    ['favicon.ico', /reserved/],
    ['http', /reserved.*Use http-app/],
    ['fs', /reserved/],
    ['con', /device name/],
    ['a'.repeat(215), /longer than 214/],
    ['a$(rm -rf .)', /may hold only/],
  ];

  it.each(refused)('%j is refused with a form that is valid', async (directory, sentence) => {
    const cwd = makeFolder();
    const { exitCode, stderr, stdout } = await run(cwd, directory);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expectSentence(stderr);
    expect(listEntries(cwd)).toEqual([]);
  });

  it('is refused when a link leads out', async () => {
    const cwd = makeFolder();
    symlinkSync(makeFolder('elsewhere'), join(cwd, 'link'));
    const { exitCode, stderr } = await run(cwd, 'link/my-ai');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('outside of the current directory');
  });
});

describe('a directory inside the current one', () => {
  it('may have the name of a command, as a path', async () => {
    const cwd = makeFolder();
    const { exitCode, stdout } = await run(cwd, './schema', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'schema', written: true });
  });

  it.each(['my-ai', './my-ai', 'a/b/my-ai', 'a/../my-ai', 'my-ai/'])(
    '%j is fine',
    async (directory) => {
      const cwd = makeFolder();
      const { exitCode, stdout } = await run(cwd, directory, '--json');
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ name: 'my-ai', written: true });
    },
  );

  it('may be given as an absolute path', async () => {
    const cwd = makeFolder();
    const { exitCode, stdout } = await run(cwd, join(cwd, 'my-ai'), '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ directory: 'my-ai' });
  });

  it('may be the current one, whose name is made valid', async () => {
    const cwd = join(makeFolder(), 'My Project');
    mkdirSync(cwd);
    const { exitCode, stdout } = await run(cwd, '.', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ directory: '.', name: 'my-project' });
    expect(listEntries(cwd)).toContain('package.json');
  });
});

describe('flags', () => {
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['my-ai', '--framwork', 'fastify'], /no option --framwork.*Did you mean "--framework"/],
    [['my-ai', '--dryrun'], /Did you mean "--dry-run"/],
    [['my-ai', '-q'], /no option -q.*--help/],
    [
      ['my-ai', '--framework', 'fastfy'],
      /"fastfy".*--framework.*Valid: .*fastify.*Did you mean "fastify"/,
    ],
    [['my-ai', '--store', 'reddis'], /"reddis".*Valid: memory, redis.*Did you mean "redis"/],
    [['my-ai', '--ci', 'gitlab'], /"gitlab".*Valid: github, none/],
    [['my-ai', '--package-manager', 'nmp'], /Did you mean "npm"/],
    [['my-ai', '--docker=maybe'], /"maybe".*--docker or --no-docker/],
    [
      ['my-ai', '--on-conflict', 'overwite'],
      /Valid: error, skip, overwrite.*Did you mean "overwrite"/,
    ],
    [['my-ai', '--store'], /--store needs a value/],
    [['my-ai', '--set', 'novalue'], /--set takes key=value/],
    [['my-ai', '--set', 'style=a'], /no option "style"/],
    [['my-ai', '--trust', ''], /"" is not a valid value for --trust: it must be a digest/],
    [['my-ai', '--trust', 'sha256:abc'], /"sha256:abc".*--trust.*64 hex.*template show/],
    [['my-ai', '--framework', 'fastify', '--template', 'x'], /exclude each other/],
    [['schema', '--store', 'redis'], /"schema" does not take --store.*It takes: --json/],
    [['--no-docker', 'schema'], /"schema" does not take --docker/],
    [['schema', 'more'], /There is no schema of "more"\. Valid: answers, template, registry/],
    [['my-ai', 'second'], /Only one directory.*"my-ai" and "second"/],
  ];

  it.each(refused)('%j', async (args, sentence) => {
    const cwd = makeFolder();
    const quick = args.includes('schema') ? [] : QUICK;
    const { exitCode, stderr, stdout } = await runProgram([...quick, ...args], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expectSentence(stderr);
    expect(listEntries(cwd)).toEqual([]);
  });

  it('choices without a template are not offered in the help', async () => {
    const { stdout } = await runProgram(['--help'], { cwd: makeFolder() });
    expect(stdout).toContain('fastify');
    expect(stdout).not.toMatch(/gitlab/i);
  });
});

describe('without a terminal', () => {
  it.each([[[]], [['--yes']], [['--json']]])(
    'and without a directory (%j) says what to type',
    async (args) => {
      const cwd = makeFolder();
      const { exitCode, stderr } = await runProgram(args, { cwd });
      expect(exitCode).toBe(2);
      expect(stderr).toContain('create-ai-backend my-ai');
    },
  );

  it('asks nothing and takes the defaults', async () => {
    const cwd = makeFolder();
    const { exitCode } = await runProgram(['my-ai', '--no-install', '--no-git'], { cwd });
    expect(exitCode).toBe(0);
    expect(listEntries(join(cwd, 'my-ai'))).toContain('package.json');
  });
});

describe('--json', () => {
  it('says what went wrong in one object, and in a sentence on stderr', async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, 'my-ai'), '');
    const { exitCode, stdout, stderr } = await run(cwd, 'my-ai', '--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { exitCode: 3, conflicts: ['my-ai'] } });
    expectSentence(stderr);
  });
});
