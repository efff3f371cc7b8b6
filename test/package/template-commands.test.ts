import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { check } from 'prettier';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries, listFiles } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram, type Outcome } from '../support/run-program.js';
import { hasTerminal, openTerminal, type Terminal } from '../support/terminal.js';

const STYLE = { singleQuote: true, printWidth: 100 };

function run(cwd: string, ...args: string[]): Promise<Outcome> {
  return runProgram(args, { cwd });
}

/** A working directory with what `template new mine` writes. */
async function withStarter(on: string): Promise<string> {
  const cwd = makeFolder();
  const { exitCode, stderr } = await run(cwd, 'template', 'new', 'mine', '--extends', on);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return cwd;
}

const SERVICE_FILES = [
  '.gitignore',
  'README.md',
  'layers/service/.gitignore',
  'layers/service/README.md.ejs',
  'layers/service/package.json.ejs',
  'layers/service/src/main.js',
  'layers/service/src/server.js',
  'layers/service/test/server.test.js',
  'layers/with-echo/src/routes.js',
  'layers/with-echo/test/echo.test.js',
  'layers/without-echo/src/routes.js',
  'package.json',
  'template.json',
];

const HOUSE_FILES = [
  '.gitignore',
  'README.md',
  'layers/house/CODEOWNERS.ejs',
  'layers/house/package.json',
  'layers/on-call/docs/on-call.md.ejs',
  'package.json',
  'template.json',
];

/** What of these files Prettier would write otherwise. */
async function unformatted(folder: string): Promise<readonly string[]> {
  const paths = listFiles(folder).filter((path) => /\.(json|js|md)$/.test(path));
  expect(paths.length).toBeGreaterThan(2);
  const checks = await Promise.all(
    paths.map((path) =>
      check(readFileSync(join(folder, path), 'utf8'), { ...STYLE, filepath: path }),
    ),
  );
  return paths.filter((_, index) => checks[index] === false);
}

describe('template new', () => {
  it.each([
    ['a framework', 'fastify', HOUSE_FILES],
    ['another one', 'hono', HOUSE_FILES],
    ['nothing', 'nothing', SERVICE_FILES],
  ])('writes a template that extends %s, as Prettier would', async (_name, on, files) => {
    const cwd = await withStarter(on);
    expect(listFiles(join(cwd, 'mine'))).toEqual(files);
    const text = readFileSync(join(cwd, 'mine/template.json'), 'utf8');
    const manifest = JSON.parse(text) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: 'mine', title: 'mine' });
    expect(manifest['extends']).toEqual(on === 'nothing' ? undefined : [on]);
    expect(await unformatted(join(cwd, 'mine'))).toEqual([]);
  });

  it.each(['fastify', 'nothing'])(
    'explains in the README of one that extends %s every key that its template.json has',
    async (on) => {
      const cwd = await withStarter(on);
      const readme = readFileSync(join(cwd, 'mine/README.md'), 'utf8');
      const manifest = JSON.parse(readFileSync(join(cwd, 'mine/template.json'), 'utf8')) as object;
      const keys = Object.keys(manifest).filter((key) => key !== '$schema');
      expect(keys.filter((key) => !readme.includes(`\`${key}\``))).toEqual([]);
    },
  );

  it('extends fastify unless told otherwise', async () => {
    const cwd = makeFolder();
    await run(cwd, 'template', 'new', 'mine');
    expect(readFileSync(join(cwd, 'mine/template.json'), 'utf8')).toContain(
      '"extends": ["fastify"]',
    );
  });

  it.each(['fastify', 'nothing'])('writes what projects are made of: on %s', async (on) => {
    const cwd = await withStarter(on);
    const flags = ['--template', './mine', ...QUICK, '--set', 'team=search'];
    const { exitCode, stderr } = await run(cwd, 'my-ai', ...flags);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await unformatted(join(cwd, 'my-ai'))).toEqual([]);
    const owners = on === 'nothing' ? 'README.md' : 'CODEOWNERS';
    expect(readFileSync(join(cwd, 'my-ai', owners), 'utf8')).toContain('search');
  });

  it('says what comes next', async () => {
    const { stdout } = await run(makeFolder(), 'template', 'new', 'teams/mine');
    expect(stdout).toContain('npx create-ai-backend template validate ./teams/mine');
    expect(stdout).toContain('npx create-ai-backend my-ai --template ./teams/mine');
    expect(stdout).toContain('npx create-ai-backend template test ./teams/mine');
  });

  it('tells --json what it wrote', async () => {
    const cwd = makeFolder();
    const { stdout } = await run(cwd, 'template', 'new', 'mine', '--json');
    expect(JSON.parse(stdout)).toEqual({ directory: 'mine', files: HOUSE_FILES, written: true });
    expect(listFiles(join(cwd, 'mine'))).toEqual(HOUSE_FILES);
  });

  it('writes nothing with --dry-run', async () => {
    const cwd = makeFolder();
    const text = await run(cwd, 'template', 'new', 'mine', '--dry-run');
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toContain('template.json');
    expect(text.stdout).toContain('Nothing has been written.');
    const json = await run(cwd, 'template', 'new', 'mine', '--dry-run', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ files: HOUSE_FILES, written: false });
    expect(listEntries(cwd)).toEqual([]);
  });

  it('touches nothing that is there, unless it may', async () => {
    const cwd = writeFolder(makeFolder(), { 'mine/README.md': 'mine\n' });
    const refused = await run(cwd, 'template', 'new', 'mine', '--json');
    expect(refused.exitCode).toBe(3);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { conflicts: ['README.md'] } });
    expect(listFiles(cwd)).toEqual(['mine/README.md']);
    const skipped = await run(cwd, 'template', 'new', 'mine', '--on-conflict', 'skip');
    expect(skipped.exitCode).toBe(0);
    expect(readFileSync(join(cwd, 'mine/README.md'), 'utf8')).toBe('mine\n');
    expect(listFiles(join(cwd, 'mine'))).toEqual(HOUSE_FILES);
    await run(cwd, 'template', 'new', 'mine', '--on-conflict', 'overwrite');
    expect(readFileSync(join(cwd, 'mine/README.md'), 'utf8')).toContain('# mine');
  });

  it.each([
    [[], /Name the folder.*create-ai-backend template new house-style/],
    [['a', 'b'], /Only one folder/],
    [['House'], /Use house/],
    [['con'], /device name/],
    [['../out'], /outside/],
    [['my.style'], /"my\.style" cannot be a template's name: .*such as my-style\./],
    [['1style'], /begin with a letter.*such as style\./],
    [['mine', '--extends', 'nothin'], /"nothin".*Valid: .*fastify.*Did you mean "nothing"/],
    [['mine', '--store', 'redis'], /"template new" does not take --store/],
  ])('refuses %j', async (args, sentence) => {
    const cwd = makeFolder();
    const { exitCode, stdout, stderr } = await run(cwd, 'template', 'new', ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(listEntries(cwd)).toEqual([]);
  });
});

interface Report {
  readonly passed: boolean;
  readonly examples: readonly {
    readonly example: string;
    readonly passed: boolean;
    readonly directory?: string;
    readonly reason?: string;
    readonly resume?: string;
    readonly verification?: { readonly steps: readonly { name: string; status: string }[] };
  }[];
}

describe('template test', () => {
  const kept: string[] = [];
  afterEach(() => {
    for (const folder of kept.splice(0)) rmSync(dirname(folder), { recursive: true, force: true });
  });

  it('makes a project of each example, and verifies it', async () => {
    const cwd = await withStarter('nothing');
    const before = listEntries(cwd);
    const { exitCode, stdout, stderr } = await run(cwd, 'template', 'test', './mine', '--json');
    expect(exitCode).toBe(0);
    const { passed, examples } = JSON.parse(stdout) as Report;
    expect(passed).toBe(true);
    expect(examples.map(({ example }) => example)).toEqual(['defaults', 'echo']);
    for (const { verification } of examples) {
      expect(verification?.steps.map(({ name, status }) => `${status} ${name}`)).toEqual([
        'passed install',
        'passed test',
        'passed boot',
      ]);
    }
    expect(stderr).toContain('Passed: defaults, echo');
    expect(listEntries(cwd)).toEqual(before);
  });

  it('takes one example', async () => {
    const cwd = await withStarter('nothing');
    const { exitCode, stdout } = await run(
      cwd,
      ...['template', 'test', './mine', '--example', 'echo'],
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('mine, echo');
    expect(stdout).toContain('Passed: echo\n');
    expect(stdout).not.toContain('defaults');
    const refused = await run(cwd, 'template', 'test', './mine', '--example', 'ecko');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(
      /no example "ecko"\. It has: defaults, echo\. Did you mean "echo"/,
    );
  });

  it('runs nothing with --no-run, and does not say that it passed', async () => {
    const cwd = await withStarter('fastify');
    const { exitCode, stdout } = await run(cwd, 'template', 'test', './mine', '--no-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Written, and nothing run: defaults, on-call');
    expect(stdout).not.toContain('npm');
    const json = await run(cwd, 'template', 'test', './mine', '--no-run', '--json');
    const { examples } = JSON.parse(json.stdout) as Report;
    expect(examples).toEqual([
      { example: 'defaults', passed: true },
      { example: 'on-call', passed: true },
    ]);
  });

  it.each([
    [
      'test',
      'layers/service/test/server.test.js',
      (text: string) => text.replace('.status, 200', '.status, 201'),
      /"npm test" failed/,
    ],
    [
      'boot',
      'layers/service/src/main.js',
      (text: string) => `${text}\nprocess.exit(7);\n`,
      /failed at "boot"/,
    ],
    [
      'install',
      'layers/service/package.json.ejs',
      (text: string) => text.replace('"private": true', '"private": true,\n  "dependencies": "a"'),
      /"npm install" failed/,
    ],
  ])('names what fails at %s, and keeps the project', async (step, path, spoil, reason) => {
    const cwd = await withStarter('nothing');
    const file = join(cwd, 'mine', path);
    writeFileSync(file, spoil(readFileSync(file, 'utf8')));
    const args = ['template', 'test', './mine', '--example', 'defaults', '--json'];
    const { exitCode, stdout, stderr } = await run(cwd, ...args);
    expect(exitCode).toBe(5);
    const { error } = JSON.parse(stdout) as { error: Report & { exitCode: number } };
    expect(error).toMatchObject({ exitCode: 5, passed: false });
    const [example] = error.examples;
    kept.push(String(example?.directory));
    expect(example).toMatchObject({ example: 'defaults', passed: false, step });
    expect(example?.reason).toMatch(reason);
    expect(example?.resume).toContain(String(example?.directory));
    expect(existsSync(join(String(example?.directory), 'package.json'))).toBe(true);
    expect(stderr).toContain('1 of 1 did not pass');
    expect(stderr).toContain(`defaults (in ${String(example?.directory)})`);
  });

  it('goes on after an example that fails', async () => {
    const cwd = await withStarter('nothing');
    writeFileSync(join(cwd, 'mine/layers/with-echo/src/routes.js'), 'no JavaScript');
    const { exitCode, stdout } = await run(cwd, 'template', 'test', './mine', '--json');
    expect(exitCode).toBe(5);
    const { error } = JSON.parse(stdout) as { error: Report };
    expect(error.examples.map(({ example, passed }) => [example, passed])).toEqual([
      ['defaults', true],
      ['echo', false],
    ]);
    kept.push(String(error.examples[1]?.directory));
  });

  it('tells an example that cannot even be planned', async () => {
    const cwd = await withStarter('nothing');
    writeFileSync(join(cwd, 'mine/layers/with-echo/notes.md.ejs'), '<%= options.nothing %>');
    const { exitCode, stdout } = await run(cwd, 'template', 'test', './mine', '--no-run', '--json');
    expect(exitCode).toBe(5);
    const { error } = JSON.parse(stdout) as { error: Report };
    expect(error.examples[1]?.reason).toMatch(/notes\.md\.ejs:1: options\.nothing does not exist/);
    kept.push(String(error.examples[1]?.directory));
  });

  it('tests a template without examples with its defaults', async () => {
    const cwd = writeFolder(makeFolder(), {
      'mine/template.json': { name: 'mine', layers: [{ from: 'base' }] },
      'mine/base/a.txt': 'a',
    });
    const { exitCode, stdout } = await run(cwd, 'template', 'test', './mine');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Passed: default\n');
  });
});

describe('template list', () => {
  it('lists what is built in and can be chosen', async () => {
    const { exitCode, stdout } = await run(makeFolder(), 'template', 'list', '--json');
    expect(exitCode).toBe(0);
    const { builtIn, registry } = JSON.parse(stdout) as {
      builtIn: { name: string; description: string }[];
      registry: unknown[];
    };
    expect(builtIn.map(({ name }) => name)).toEqual(['express', 'fastify', 'hono', 'nestjs']);
    expect(builtIn.every(({ description }) => description.length > 20)).toBe(true);
    expect(registry).toEqual([]);
    const text = await run(makeFolder(), 'template', 'list');
    expect(text.stdout).toMatch(/^Built in\n {2}express {2}\S/);
  });

  it('lists what a registry has', async () => {
    const cwd = writeFolder(makeFolder(), {
      'r.json': { templates: { 'acme/a': { source: './a', description: 'Ours' } } },
    });
    const { stdout } = await run(cwd, 'template', 'list', '--registry', 'r.json');
    expect(stdout).toMatch(/In r\.json\n {2}acme\/a {2}Ours\n/);
  });
});

describe('template show', () => {
  it('shows a built-in template', async () => {
    const { exitCode, stdout } = await run(makeFolder(), 'template', 'show', 'fastify');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Fastify\n/);
    expect(stdout).toMatch(/\nSource\n {2}fastify\n {2}sha256:[0-9a-f]{64}\n/);
    expect(stdout).toMatch(/\nMade on\n {2}_shared\n {2}node\n/);
    expect(stdout).toContain('--store <value>');
    expect(stdout).toContain('  npm run typecheck\n');
  });

  it('shows a folder: what it asks, consists of and runs', async () => {
    const cwd = await withStarter('nothing');
    const { stdout } = await run(cwd, 'template', 'show', './mine');
    expect(stdout).toMatch(/\nSource\n {2}\.\/mine\n {2}sha256:/);
    expect(stdout).toMatch(/\n {2}--set team=<value> {2}Team that owns the project\n/);
    expect(stdout).toMatch(/\n {2}layers\/with-echo +2 files, when echo is true\n/);
    expect(stdout).toMatch(/\nRuns\n {2}npm install\n {2}npm test\n {2}npm start\n/);
    expect(stdout).toMatch(/\nExamples\n {2}defaults\n {2}echo\n$/);
    expect(stdout).not.toContain('Made on');
  });

  it('says the same with --json', async () => {
    const cwd = await withStarter('fastify');
    const { stdout } = await run(cwd, 'template', 'show', './mine', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'mine',
      source: './mine',
      digest: expect.stringMatching(/^sha256:/) as unknown,
      isTrusted: true,
      extends: ['_shared', 'node', 'fastify'],
      layers: [
        { from: 'layers/house', files: ['CODEOWNERS', 'package.json'] },
        { from: 'layers/on-call', when: { 'on-call': true }, files: ['docs/on-call.md'] },
      ],
      commands: [],
      examples: ['defaults', 'on-call'],
    });
  });

  it('has another digest when a file has changed', async () => {
    const cwd = await withStarter('nothing');
    const digest = async (): Promise<unknown> =>
      (
        JSON.parse((await run(cwd, 'template', 'show', './mine', '--json')).stdout) as {
          digest: unknown;
        }
      ).digest;
    const before = await digest();
    expect(await digest()).toBe(before);
    writeFileSync(join(cwd, 'mine/layers/service/.gitignore'), 'node_modules/\n');
    expect(await digest()).not.toBe(before);
  });

  it.each([
    ['fastfy', /Template fastfy: .*Built in: .*hono.*Did you mean "fastify"\?/],
    ['./nowhere', /Template \.\/nowhere: there is no folder nowhere/],
  ])('refuses %s', async (source, sentence) => {
    const { exitCode, stderr } = await run(makeFolder(), 'template', 'show', source);
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(sentence);
  });
});

describe('schema', () => {
  it.each([
    ['template', { name: 'a', layers: [] }, { name: 'a', layer: [] }],
    ['registry', { templates: { a: { source: './a' } } }, { templates: { a: {} } }],
  ])('prints that of a %s', async (subject, valid, invalid) => {
    const { exitCode, stdout } = await run(makeFolder(), 'schema', subject);
    expect(exitCode).toBe(0);
    const matches = new Ajv2020({ allowUnionTypes: true, strict: false }).compile(
      JSON.parse(stdout) as object,
    );
    expect([matches(valid), matches(invalid)]).toEqual([true, false]);
    expect((await run(makeFolder(), 'schema', subject, '--json')).stdout).toBe(stdout);
  });

  it('of a template is the one that template.json names', async () => {
    const { stdout } = await run(makeFolder(), 'schema', 'template');
    const published = join(dirname(inject('program')), '../dist/template.schema.json');
    expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(JSON.parse(stdout));
  });

  it('refuses any other subject', async () => {
    const { exitCode, stderr } = await run(makeFolder(), 'schema', 'nonsense');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no schema of "nonsense"\. Valid: answers, template, registry/);
    expect((await run(makeFolder(), 'schema', 'templat')).stderr).toContain('"template"?');
  });
});

const COMMANDS = ['new', 'validate', 'test', 'list', 'show'];

describe('the word template', () => {
  it('alone is no command', async () => {
    const { exitCode, stderr } = await run(makeFolder(), 'template');
    expect(exitCode).toBe(2);
    for (const command of COMMANDS) expect(stderr).toContain(`template ${command}`);
    expect(stderr).toContain('./template');
  });

  it.each([
    [['vaildate'], 'template validate'],
    [['lst'], 'template list'],
    [['vaildate', '--help'], 'template validate'],
  ])('with %j is asked about', async (args, meant) => {
    const { exitCode, stderr } = await run(makeFolder(), 'template', ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`Did you mean "${meant}"?`);
  });

  it('that is misspelt is asked about', async () => {
    const { exitCode, stderr } = await run(makeFolder(), 'tempalte', 'new', 'mine');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Did you mean "template"?');
  });

  it('with --help tells of its commands', async () => {
    const { exitCode, stdout } = await run(makeFolder(), 'template', '--help');
    expect(exitCode).toBe(0);
    for (const command of COMMANDS)
      expect(stdout).toContain(`create-ai-backend template ${command}`);
    expect(stdout).not.toContain('--store');
  });

  it.each(COMMANDS)('and %s have a help of their own', async (command) => {
    const { exitCode, stdout } = await run(makeFolder(), 'template', command, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Usage: create-ai-backend template ${command}`);
    expect(stdout).not.toContain('--store');
  });
});

describe.skipIf(!hasTerminal)('at 60 columns', () => {
  let terminal: Terminal | undefined;
  afterEach(() => terminal?.close());

  it.each([
    [['template', '--help']],
    [['template', 'new', '--help']],
    [['template', 'test', '--help']],
    [['template', 'list']],
    [['template', 'show', './mine']],
  ])('no line of %j is broken in a word', async (args) => {
    const cwd = await withStarter('fastify');
    terminal = openTerminal(cwd, args, { columns: 60, rows: 120 });
    const lines = (await terminal.see('exit: 0')).split('\n').map((line) => line.trimEnd());
    expect(lines.length).toBeGreaterThan(5);
    // A digest is one word, to be pasted.
    expect(lines.filter((line) => line.length > 60 && !line.includes('sha256:'))).toEqual([]);
  });
});
