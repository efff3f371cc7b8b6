import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries, listFiles, readTree, type FileFacts } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram, type Outcome } from '../support/run-program.js';

type Answers = Readonly<Record<string, unknown>>;

interface Place {
  readonly flags?: readonly string[];
  readonly config?: Answers;
  readonly env?: Readonly<Record<string, string>>;
}

/** A template with options of its own, to be answered wherever the generator's are. */
const OWN_TEMPLATE = {
  'mine/template.json': {
    name: 'mine',
    layers: [{ from: 'base' }],
    options: {
      'team-name': { type: 'string', label: 'Team?', default: 'core' },
      loud: { type: 'boolean', label: 'Loud?', default: false },
    },
  },
  'mine/base/team.txt.ejs': '<%= options["team-name"] %> <%= options.loud %>\n',
};

async function run({ flags = [], config, env = {} }: Place): Promise<Outcome & { cwd: string }> {
  const cwd = writeFolder(makeFolder(), {
    ...OWN_TEMPLATE,
    ...(config ? { 'answers.json': config } : {}),
  });
  const from = config ? ['--config', 'answers.json'] : [];
  return { ...(await runProgram(['my-ai', '--yes', ...from, ...flags], { cwd, env })), cwd };
}

const NOTHING_AFTER = { git: false, install: false };

async function projectOf(place: Place): Promise<readonly FileFacts[]> {
  const { cwd, exitCode, stderr } = await run(place);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return readTree(join(cwd, 'my-ai'));
}

interface OptionFacts {
  readonly name: string;
  readonly scope: string;
  readonly type: string;
  readonly values?: readonly string[];
}

/** Every answer to every question about a project, as the program itself lists them. */
async function everyAnswer(): Promise<readonly (readonly [string, string | boolean])[]> {
  const { stdout } = await runProgram(['--help', '--json'], { cwd: makeFolder() });
  const { options } = JSON.parse(stdout) as { options: readonly OptionFacts[] };
  return options
    .filter(({ scope }) => scope === 'project')
    .flatMap(({ name, values = [true, false] }) => values.map((value) => [name, value] as const));
}

const toFlags = (name: string, value: unknown): string[] =>
  typeof value === 'boolean' ? [`--${value ? '' : 'no-'}${name}`] : [`--${name}`, String(value)];

const toVariable = (name: string): string =>
  `CREATE_AI_BACKEND_${name.replaceAll('-', '_').toUpperCase()}`;

describe('an answer', () => {
  it('gives the same project by flag, by config and by environment, byte for byte', async () => {
    const answers = await everyAnswer();
    expect(answers.length).toBeGreaterThan(12);
    for (const [name, value] of answers) {
      const byFlag = await projectOf({ flags: [...toFlags(name, value), ...QUICK] });
      const byConfig = await projectOf({ config: { [name]: value, ...NOTHING_AFTER } });
      const byVariable = await projectOf({
        env: { [toVariable(name)]: String(value) },
        flags: QUICK,
      });
      expect({ name, value, tree: byConfig }).toEqual({ name, value, tree: byFlag });
      expect({ name, value, tree: byVariable }).toEqual({ name, value, tree: byFlag });
    }
  });

  it("to a template's own option, too", async () => {
    const own = { 'team-name': 'search', loud: true };
    const flags = ['--template', 'mine', '--set', 'team-name=search', '--set', 'loud=true'];
    const byFlag = await projectOf({ flags: [...flags, ...QUICK] });
    expect(await projectOf({ config: { template: 'mine', set: own, ...NOTHING_AFTER } })).toEqual(
      byFlag,
    );
    const env = {
      CREATE_AI_BACKEND_TEMPLATE: 'mine',
      CREATE_AI_BACKEND_SET_TEAM_NAME: 'search',
      CREATE_AI_BACKEND_SET_LOUD: 'true',
    };
    expect(await projectOf({ env, flags: QUICK })).toEqual(byFlag);
  });

  it('to what is done afterwards, too', async () => {
    const variables = { CREATE_AI_BACKEND_GIT: 'false', CREATE_AI_BACKEND_INSTALL: 'false' };
    for (const place of [{ config: NOTHING_AFTER }, { env: variables }]) {
      const { stdout } = await run({ ...place, flags: ['--json'] });
      expect(JSON.parse(stdout)).toMatchObject({ installed: false, repository: 'not-wanted' });
    }
  });

  it('counts most as a flag, then from the file, then from the environment, then as the default', async () => {
    const { stdout } = await run({
      flags: ['--store', 'memory', '--json', ...QUICK],
      config: { store: 'redis', provider: 'openai' },
      env: {
        CREATE_AI_BACKEND_STORE: 'redis',
        CREATE_AI_BACKEND_PROVIDER: 'anthropic',
        CREATE_AI_BACKEND_CI: 'none',
        CREATE_AI_BACKEND_DOCKER: '',
      },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      options: { store: 'memory', provider: 'openai', ci: 'none', docker: true },
    });
  });
});

describe('answers that cannot be used', () => {
  const refused: readonly (readonly [Place, RegExp])[] = [
    [{ config: { stroe: 'redis' } }, /answers\.json:2: stroe is not.*Did you mean "store"\?/],
    [{ config: { ci: 'none', store: 'reddis' } }, /answers\.json:3: store .*Did you mean "redis"/],
    [{ config: { docker: 'no' } }, /docker must be true or false, not "no"/],
    [{ config: { install: 1 } }, /install must be true or false, not 1/],
    [{ config: { framework: 'fastfy' } }, /framework must be one of .*Did you mean "fastify"/],
    [{ config: { yes: true } }, /yes is not a known key/],
    [{ config: { set: { a: 1 } } }, /set\.a must be a string or true or false, not 1/],
    [
      { config: { set: { style: 'plain' } } },
      /no option "style" for "set\.style" in answers\.json/,
    ],
    [
      { config: { framework: 'fastify' }, flags: ['--template', 'mine'] },
      /"framework" in answers\.json and --template exclude each other.*Leave out one/,
    ],
    [
      { config: { template: 'mine' }, env: { CREATE_AI_BACKEND_FRAMEWORK: 'fastify' } },
      /CREATE_AI_BACKEND_FRAMEWORK and "template" in answers\.json exclude each other/,
    ],
    [
      { config: { template: 'mine', set: { loud: 'very' } } },
      /"very" is not a valid value for "set\.loud" in answers\.json\. Valid: true, false/,
    ],
    [
      { config: { template: 'mine', store: 'redis' } },
      /The template mine leaves nothing to "store" in answers\.json/,
    ],
    [
      { env: { CREATE_AI_BACKEND_STRE: 'redis' } },
      /CREATE_AI_BACKEND_STRE stands for no option.*Did you mean "CREATE_AI_BACKEND_STORE"/,
    ],
    [
      { env: { CREATE_AI_BACKEND_STORE: 'reddis' } },
      /"reddis" is not a valid value for CREATE_AI_BACKEND_STORE\. .*Did you mean "redis"/,
    ],
    [
      { env: { CREATE_AI_BACKEND_DOCKER: 'maybe' } },
      /"maybe" is not a valid value for CREATE_AI_BACKEND_DOCKER\. Valid: true, false/,
    ],
    [
      { flags: ['--verify', '--no-install'] },
      /--verify and --no-install exclude each other\. Leave out one of them/,
    ],
    [
      { config: { install: false }, env: { CREATE_AI_BACKEND_VERIFY: 'true' } },
      /CREATE_AI_BACKEND_VERIFY and "install" in answers\.json exclude each other/,
    ],
    [
      { flags: ['--template', 'mine', '--trust', 'foo'] },
      /"foo" is not a valid value for --trust: it must be a digest, which is "sha256:" and 64 hex.*template show/,
    ],
    [
      { config: { template: 'mine', trust: 'foo' } },
      /answers\.json:3: trust .* "foo" does not: it must be a digest.*template show/,
    ],
    [
      {
        config: { template: 'mine' },
        env: { CREATE_AI_BACKEND_TRUST: `sha256:${'0'.repeat(63)}` },
      },
      /"sha256:0+" is not a valid value for CREATE_AI_BACKEND_TRUST: it must be a digest.*template show/,
    ],
    [
      { config: { template: 'mine' }, env: { CREATE_AI_BACKEND_OFFLINE: 'maybe' } },
      /"maybe" is not a valid value for CREATE_AI_BACKEND_OFFLINE\. Valid: true, false/,
    ],
    [{ env: { CREATE_AI_BACKEND_SET_TEAM: 'x' } }, /has no option "team".*SET_TEAM/],
    [{ flags: ['--config', 'nowhere.json'] }, /nowhere\.json: there is no such file.*schema/],
    [{ flags: ['--config', 'mine'] }, /--config mine: .*JSON file/],
    [{ flags: ['--config'] }, /--config needs a value/],
  ];

  it.each(refused)('%j', async (place, sentence) => {
    const { cwd, exitCode, stdout, stderr } = await run(place);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(listEntries(cwd)).not.toContain('my-ai');
  });

  it.each([
    ['{ "store": "redis", }', /answers\.json:1: not valid JSON/],
    ['{\n"store": "redis"\n', /answers\.json:\d: not valid JSON/],
    ['[]', /answers\.json:1: the file must be an object/],
    ['', /answers\.json:1: not valid JSON/],
  ])('are no JSON: %j', async (text, sentence) => {
    const cwd = writeFolder(makeFolder(), { 'answers.json': text });
    const { exitCode, stderr } = await runProgram(['my-ai', '--config', 'answers.json'], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe('a file as Windows writes it', () => {
  it('is read like any other', async () => {
    const text = '\uFEFF{\r\n  "store": "redis"\r\n}\r\n';
    const cwd = writeFolder(makeFolder(), { 'answers.json': text });
    const flags = ['--config', 'answers.json', '--json=true', ...QUICK];
    const { stdout } = await runProgram(['my-ai', ...flags], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ options: { store: 'redis' } });
  });
});

describe('the schema of answers', () => {
  let text = '';
  beforeAll(async () => {
    const { stdout, stderr, exitCode } = await runProgram(['schema'], { cwd: makeFolder() });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    text = stdout;
  });

  const isValid = (value: unknown): boolean =>
    new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(text) as object)(value);

  it.each([
    {},
    { $schema: './answers.schema.json', store: 'redis' },
    { framework: 'fastify', docker: false, git: false, 'package-manager': 'bun' },
    { template: './mine', set: { team: 'core', loud: true } },
  ])('allows %j', (value) => {
    expect(isValid(value)).toBe(true);
  });

  it.each([
    { stroe: 'redis' },
    { store: 'reddis' },
    { docker: 'no' },
    { template: '' },
    { set: { a: 1 } },
    { framework: 'fastify', template: './mine' },
  ])('refuses %j', (value) => {
    expect(isValid(value)).toBe(false);
  });

  it('is the same with --json, and the one in the package', async () => {
    const { stdout } = await runProgram(['schema', '--json'], { cwd: makeFolder() });
    expect(stdout).toBe(text);
    const published = join(dirname(inject('program')), '../dist/answers.schema.json');
    expect(readFileSync(published, 'utf8')).toBe(text);
  });
});

describe('secrets in the environment', () => {
  it('are in no file and in no output', async () => {
    const secret = 'sk-this-is-a-secret';
    const env = {
      OPENAI_API_KEY: secret,
      ANTHROPIC_API_KEY: secret,
      PROVIDER_API_KEY: secret,
      NPM_TOKEN: secret,
      npm_config__auth: secret,
    };
    for (const flags of [['--json'], ['--json', '--dry-run'], ['--ci', 'gitlab', '--json']]) {
      const { cwd, stdout, stderr } = await run({ env, flags: [...QUICK, ...flags] });
      expect(stdout + stderr).not.toContain(secret);
      const texts = listFiles(cwd).map((path) => readFileSync(join(cwd, path), 'utf8'));
      expect(texts.filter((content) => content.includes(secret))).toEqual([]);
    }
  });
});
