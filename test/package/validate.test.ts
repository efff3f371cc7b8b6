import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries } from '../support/read-tree.js';
import { makeFolder, runProgram, type Outcome } from '../support/run-program.js';

type Files = Readonly<Record<string, unknown>>;

/** Where a mistake is to be found, and what is said of it. */
type Place = readonly [file: string, line: number, sentence: RegExp];

interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const REPOSITORY = join(import.meta.dirname, '../..');

/** A template with a key a line, so that a line can be counted: the first of `keys` is at line 3. */
function manifest(...keys: readonly string[]): Files {
  const text = ['{', '  "name": "mine",', keys.join(',\n'), '}'].join('\n');
  return { 'mine/template.json': text, ...(text.includes('"base"') ? PLAIN : {}) };
}

const BASE = '"layers": [{ "from": "base" }]';
const PLAIN: Files = { 'mine/base/plain.txt': 'plain\n' };

function validate(cwd: string, ...flags: string[]): Promise<Outcome> {
  return runProgram(['template', 'validate', './mine', ...flags], { cwd });
}

/** All that is found, by what --json says; the text is held against it. */
async function findings(files: Files, cwd = makeFolder()): Promise<readonly Finding[]> {
  writeFolder(cwd, files);
  const before = listEntries(cwd);
  const [text, json] = [await validate(cwd), await validate(cwd, '--json')];
  expect({ exitCode: text.exitCode, stdout: text.stdout }).toEqual({ exitCode: 4, stdout: '' });
  expect(text.stderr).not.toMatch(/\n\s+at /);
  expect(json.exitCode).toBe(4);
  const { error } = JSON.parse(json.stdout) as {
    error: { valid: boolean; exitCode: number; findings: readonly Finding[] };
  };
  expect(error).toMatchObject({ exitCode: 4, valid: false });
  const lines = error.findings.map(({ file, line, message }) => `  ${file}:${line}: ${message}`);
  expect(text.stderr.trimEnd().split('\n').slice(1)).toEqual(lines.join('\n').split('\n'));
  expect(listEntries(cwd)).toEqual(before);
  return error.findings;
}

const MANIFEST = 'mine/template.json';

const STYLE =
  '"style": { "type": "choice", "label": "Style?", "choices": [{ "value": "plain" }, { "value": "loud" }] }';
const SHOUT =
  '"shout": { "type": "boolean", "label": "Shout?", "default": false, "when": { "style": "loud" } }';
const options = (...each: readonly string[]): string => `"options": {\n${each.join(',\n')}\n}`;
/** A layer for each condition; the first stands one line below the key. */
const layers = (...conditions: readonly string[]): string =>
  `"layers": [\n${conditions.map((when, index) => `{ "from": "l${index}", "when": ${when} }`).join(',\n')}\n]`;
const L0: Files = { 'mine/l0/a.txt': 'a' };

const MISTAKES: readonly (readonly [name: string, files: Files, ...places: readonly Place[]])[] = [
  [
    'a fault of the schema',
    manifest(BASE, '"selectable": "yes"'),
    [MANIFEST, 4, /^selectable must be true or false, not "yes"/],
  ],
  [
    'an unknown key',
    manifest(BASE, '"optoins": {}'),
    [MANIFEST, 4, /^optoins is not a known key\. Known here: .*Did you mean "options"\?$/],
  ],
  ['what is no JSON', manifest(BASE, '"a": }'), [MANIFEST, 4, /^not valid JSON/]],
  [
    'an unused file',
    { ...manifest(BASE), 'mine/notes.txt': '' },
    ['mine/notes.txt', 1, /in no layer, so no project has it/],
  ],
  [
    'an unused folder',
    { ...manifest(BASE), 'mine/bsae/plain.txt': '' },
    ['mine/bsae', 1, /in no layer/],
  ],
  [
    'a layer that is misspelt',
    { ...manifest('"layers": [\n{ "from": "bsae" }\n]'), ...PLAIN },
    [MANIFEST, 4, /^layers\[0\]\.from .*"bsae" does not exist\. Did you mean "base"\?/],
  ],
  [
    'a condition that contradicts that of an option',
    { ...manifest(options(STYLE, SHOUT), layers('{ "shout": true, "style": "plain" }')), ...L0 },
    [MANIFEST, 8, /^layers\[0\]\.when can never hold: "style" .*plain and loud at once/],
  ],
  [
    'a condition on a value that supports leaves out',
    {
      ...manifest('"supports": { "store": ["memory"] }', BASE, factWhen('{ "store": "redis" }')),
    },
    [MANIFEST, 5, /can never hold: "store" is never redis here, but memory/],
  ],
  [
    'a condition on an option that nothing supports',
    { ...manifest(layers('{ "store": "redis" }')), ...L0 },
    [MANIFEST, 4, /can never hold: no template here supports "store"/],
  ],
  [
    'an option that depends on one that is asked later',
    { ...manifest(options(SHOUT, STYLE), layers('{ "shout": true }')), ...L0 },
    [MANIFEST, 4, /^options\.shout\.when can never hold: "style" is asked after "shout"/],
  ],
  [
    'an option that depends on itself',
    {
      ...manifest(options(STYLE, SHOUT.replace('style', 'shout').replace('"loud"', 'true')), BASE),
      'mine/base/a.ejs': '<%= options.style %>',
    },
    [MANIFEST, 5, /"shout" is asked after "shout", or is the same/],
  ],
  [
    'a condition on an option that is not there',
    { ...manifest(options(STYLE), layers('{ "stile": "loud" }')), ...L0 },
    [MANIFEST, 4, /^options\.style changes nothing/],
    [
      MANIFEST,
      7,
      /^layers\[0\]\.when\.stile is not an option\. Options: .*Did you mean "style"\?$/,
    ],
  ],
  [
    'a condition on a value that is not there',
    { ...manifest(options(STYLE), layers('{ "style": "lod" }')), ...L0 },
    [MANIFEST, 7, /^layers\[0\]\.when\.style can never be "lod"\. Valid: plain, loud\. Did you/],
  ],
  [
    'an unresolved variable',
    { ...manifest(BASE), 'mine/base/a.txt.ejs': 'one\n\n<%= nothing %>\n' },
    ['mine/base/a.txt.ejs', 3, /nothing is not defined. There are: project, options, facts/],
  ],
  [
    'an unresolved variable where only some answers lead',
    {
      ...manifest(options(STYLE, SHOUT), layers('{ "shout": true }')),
      'mine/l0/a.txt.ejs': '<%= options.stlye %>',
    },
    ['mine/l0/a.txt.ejs', 1, /options\.stlye does not exist\. There are: .*Did you mean "style"/],
  ],
  [
    'an unknown fact',
    {
      ...manifest(BASE, '"facts": [{ "set": { "port": 1 } }]'),
      'mine/base/a.txt.ejs': 'one\n<%= facts.prot %>\n',
    },
    [
      'mine/base/a.txt.ejs',
      2,
      /facts\.prot does not exist\. There are: port\. Did you mean "port"/,
    ],
  ],
  [
    'a fact of what is extended, misspelt',
    {
      ...manifest('"extends": ["fastify"]', BASE),
      'mine/base/a.txt.ejs': '\n\n\n<%= facts.probes.redy %>\n',
    },
    ['mine/base/a.txt.ejs', 4, /facts\.probes\.redy does not exist\. There are: live, ready/],
  ],
  [
    'a syntax error',
    { ...manifest(BASE), 'mine/base/a.txt.ejs': 'one\n<% if (true { %>\nx\n<% } %>\n' },
    ['mine/base/a.txt.ejs', 2, /[Uu]nexpected/],
  ],
  [
    'an open tag',
    { ...manifest(BASE), 'mine/base/a.txt.ejs': 'one\n\n<%= facts\n' },
    ['mine/base/a.txt.ejs', 3, /close tag/],
  ],
  [
    'one file claimed twice',
    {
      ...manifest('"layers": [{ "from": "base" }, { "from": "two" }]'),
      'mine/two/plain.txt': 'other',
    },
    ['mine/two/plain.txt', 1, /claimed by both mine\/base\/plain\.txt and mine\/two\/plain\.txt/],
  ],
  [
    'one file claimed twice with some answers only',
    {
      ...manifest(
        options(STYLE),
        '"layers": [{ "from": "base" }, { "from": "two", "when": { "style": "loud" } }]',
      ),
      'mine/two/plain.txt': 'other',
    },
    ['mine/two/plain.txt', 1, /claimed by both mine\/base\/plain\.txt and mine\/two\/plain\.txt/],
  ],
  [
    'a path that escapes',
    { ...manifest(BASE), 'mine/base/..\\..\\x': '' },
    ['mine/base/..\\..\\x', 1, /leads out of the project/],
  ],
  [
    'a layer that escapes',
    manifest('"layers": [\n{ "from": "base" },\n{ "from": "../out" }\n]'),
    [MANIFEST, 5, /^layers\[1\]\.from leads out of the template/],
  ],
  [
    'a device name',
    { ...manifest(BASE), 'mine/base/src/aux.ts': '' },
    ['mine/base/src/aux.ts', 1, /is a device name on Windows/],
  ],
  [
    'names that differ in case',
    { ...manifest(BASE), 'mine/base/PLAIN.txt': '' },
    ['mine/base/PLAIN.txt', 1, /"PLAIN\.txt" differs from plain\.txt in case only/],
  ],
  [
    'JSON layers that disagree',
    {
      ...manifest('"layers": [{ "from": "base" }, { "from": "two" }]'),
      'mine/base/package.json': '{\n  "license": "MIT"\n}',
      'mine/two/package.json': '{\n  "private": true,\n  "license": "ISC"\n}',
    },
    ['mine/two/package.json', 3, /^license: mine\/base\/.* says "MIT" and mine\/two\/.*"ISC"/],
  ],
  [
    'JSON that cannot be merged',
    {
      ...manifest('"extends": ["fastify"]', BASE),
      'mine/base/package.json': '{\n  "license": "MIT",\n}',
    },
    ['mine/base/package.json', 3, /^not valid JSON/],
  ],
  [
    'a removal that removes nothing',
    manifest(
      '"extends": ["fastify"]',
      BASE,
      '"remove": [\n{ "path": ".nvmcr" },\n{ "path": "src" }\n]',
    ),
    [MANIFEST, 6, /^remove\[0\]\.path removes nothing: no extended template has "\.nvmcr"/],
    [MANIFEST, 7, /^remove\[1\]\.path removes nothing: "src" is a folder\. Write "src\/"/],
  ],
  [
    'an option that nobody uses',
    manifest(options(STYLE), BASE),
    [MANIFEST, 4, /^options\.style changes nothing/],
  ],
  [
    'examples of which no project comes',
    {
      ...manifest(
        options(
          '"team": { "type": "string", "label": "Team?", "pattern": "[a-z]+" }',
          STYLE,
          SHOUT,
        ),
        layers('{ "shout": true }'),
        '"examples": {\n"a": { "team": "core1" },\n"b": {},\n"c": { "team": "core", "shout": true }\n}',
      ),
      'mine/l0/a.txt.ejs': '<%= options.team %>',
    },
    [MANIFEST, 12, /^examples\.a\.team .*"core1" is not a valid value.*must match \[a-z\]\+/],
    [MANIFEST, 13, /^examples\.b gives no answer to "team"/],
    [MANIFEST, 14, /^examples\.c\.shout answers what is asked only when style is loud/],
  ],
  [
    'an example with an unknown option and a value that is none',
    {
      ...manifest(
        options(STYLE),
        BASE,
        '"examples": {\n"a": { "stile": "loud" },\n"b": { "style": "lod" }\n}',
      ),
      'mine/base/a.ejs': '<%= options.style %>',
    },
    [MANIFEST, 8, /^examples\.a\.stile is not an option\. .*Did you mean "style"/],
    [MANIFEST, 9, /^examples\.b\.style can never be "lod"\. Valid: plain, loud/],
  ],
  [
    'a default that its own pattern refuses',
    manifest(
      options(
        '"team": { "type": "string", "label": "Team?",\n"pattern": "[a-z]+",\n"default": "a1" }',
      ),
      BASE,
    ),
    [MANIFEST, 6, /^options\.team\.default is "a1", which its own pattern refuses: .*\[a-z\]\+/],
  ],
  [
    'a command that is no list of words',
    manifest(
      BASE,
      '"facts": [{ "set": { "commands": {\n"install": ["npm", "install"],\n"test": "npm test",\n"lint": []\n} } }]',
    ),
    [
      MANIFEST,
      6,
      /commands\.test must be a list of words, such as \["npm","test"\], not "npm test"/,
    ],
    [MANIFEST, 7, /commands\.lint must be a list of words/],
  ],
  [
    'a missing parent',
    manifest('"extends": [\n"fastfy",\n"./nowhere"\n]', BASE),
    [MANIFEST, 4, /^extends "fastfy", but there is no such .*Did you mean "fastify"/],
    [MANIFEST, 5, /^extends "\.\/nowhere", but there is no folder mine\/nowhere/],
  ],
  [
    'a circle',
    {
      ...manifest('"extends": ["../b"]', BASE),
      'b/template.json': '{\n"name": "b",\n"layers": [],\n"extends": ["../mine"]\n}',
    },
    ['b/template.json', 4, /^extends itself: mine → b → mine/],
  ],
  [
    'a mistake of a parent',
    {
      ...manifest('"extends": ["../b"]', BASE),
      'b/template.json': '{\n"name": "b",\n"layers": [],\n"layer": []\n}',
    },
    ['b/template.json', 4, /^layer is not a known key/],
  ],
  [
    'a range of versions that does not fit',
    manifest(BASE, '"generator": ">=99"'),
    [MANIFEST, 4, /^generator says that the template is made for create-ai-backend >=99, and this/],
  ],
  [
    'a range of versions that is none',
    manifest(BASE, '"generator": "newest"'),
    [MANIFEST, 4, /^generator must be a range of versions, such as ".*", not "newest"/],
  ],
];

const PLANTED = MISTAKES.map(([name, files, ...places]) => [name, files, places] as const);

/** A condition that needs no folder. */
function factWhen(when: string): string {
  return `"facts": [{ "when": ${when}, "set": {} }]`;
}

describe('template validate', () => {
  it.each(PLANTED)('finds %s', async (_name, files, places) => {
    const found = await findings(files);
    expect(found.map(({ file, line }) => [file, line])).toEqual(
      places.map(([file, line]) => [file, line]),
    );
    for (const [index, [, , sentence]] of places.entries()) {
      expect(found[index]?.message).toMatch(sentence);
    }
  });

  it('finds a link that leads out', async () => {
    const cwd = makeFolder();
    writeFolder(cwd, { ...manifest(BASE), 'secret.txt': 's' });
    symlinkSync('../../secret.txt', join(cwd, 'mine/base/link'));
    const [found, ...others] = await findings({}, cwd);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ file: 'mine/base/link', line: 1 });
    expect(found?.message).toContain('leads out of the template');
  });

  it('finds several mistakes at once, sorted by file and line', async () => {
    const found = await findings({
      ...manifest(
        '"generator": ">=99"',
        options(STYLE, SHOUT, '"idle": { "type": "boolean", "label": "Idle?" }'),
        '"layers": [\n{ "from": "base" },\n{ "from": "two", "when": { "shout": true, "style": "plain" } }\n]',
        '"remove": [{ "path": "nothing.txt" }]',
      ),
      'mine/two/b.txt': '',
      'mine/base/z.txt.ejs': '\n<%= facts.port %>',
      'mine/base/a.txt.ejs': '<% if ( %>',
      'mine/base/con.txt': '',
      'mine/notes.txt': '',
    });
    expect(found.map(({ file, line }) => `${file}:${line}`)).toEqual([
      'mine/base/a.txt.ejs:1',
      'mine/base/con.txt:1',
      'mine/base/z.txt.ejs:2',
      'mine/notes.txt:1',
      'mine/template.json:3',
      'mine/template.json:7',
      'mine/template.json:11',
      'mine/template.json:13',
    ]);
  });

  it('finds several faults of one manifest', async () => {
    const found = await findings(
      manifest('"title": 1', '"layer": []', '"supports": { "store": ["memry"] }'),
    );
    expect(found.map(({ line }) => line)).toEqual([1, 3, 4, 5]);
  });

  it('counts them in its first line', async () => {
    const cwd = writeFolder(makeFolder(), { ...manifest(BASE), 'mine/notes.txt': '' });
    expect((await validate(cwd)).stderr).toMatch(/^error 1 mistake in this template:\n/);
  });

  it.each([
    ['that is not there', './nowhere', /there is no folder nowhere/],
    ['without a template.json', './empty', /there is no template\.json in this folder/],
  ])('refuses a folder %s', async (_name, source, sentence) => {
    const cwd = writeFolder(makeFolder(), { 'empty/a.txt': '' });
    const { exitCode, stderr } = await runProgram(['template', 'validate', source], { cwd });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(sentence);
  });

  it('says what to type when no template is named', async () => {
    const { exitCode, stderr } = await runProgram(['template', 'validate'], { cwd: makeFolder() });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('create-ai-backend template validate <source>');
  });
});

describe('what template validate passes', () => {
  const BUILT_IN = [
    'fastify',
    'express',
    'hono',
    'nestjs',
    'node',
    '_shared',
    'http-server',
    'swagger-ui',
    'template-starter',
  ];
  const sources = BUILT_IN.flatMap((name) => [name, join(REPOSITORY, 'templates', name)]);

  it.each(
    sources.map((source) => [
      basename(source) === source ? source : `templates/${basename(source)}`,
      source,
    ]),
  )('%s', async (_name, source) => {
    const { exitCode, stdout, stderr } = await runProgram(
      ['template', 'validate', source, '--json'],
      { cwd: makeFolder() },
    );
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(stdout)).toEqual({ valid: true, findings: [] });
  });

  it.each(['fastify', 'express', 'hono', 'nestjs', 'nothing'])(
    'a template to start from that extends %s',
    async (on) => {
      const cwd = makeFolder();
      await runProgram(['template', 'new', 'mine', '--extends', on], { cwd });
      const { exitCode, stdout, stderr } = await validate(cwd);
      expect({ exitCode, stdout, stderr }).toEqual({
        exitCode: 0,
        stdout: 'Valid: ./mine\n',
        stderr: '',
      });
    },
  );

  it('a template to extend, whose facts others set', async () => {
    const cwd = writeFolder(makeFolder(), {
      ...manifest('"selectable": false', options(STYLE), layers('{ "store": "redis" }')),
      'mine/l0/a.txt.ejs': '<%= facts.language %>',
    });
    expect(await validate(cwd)).toMatchObject({ exitCode: 0 });
  });

  it('what a template keeps beside its layers', async () => {
    const cwd = writeFolder(makeFolder(), {
      ...manifest(BASE),
      'mine/README.md': '',
      'mine/LICENSE': '',
      'mine/package.json': {},
      'mine/.github/workflows/ci.yml': '',
      'mine/test/own.test.js': '',
    });
    expect(await validate(cwd)).toMatchObject({ exitCode: 0 });
  });
});
