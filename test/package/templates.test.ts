import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries, listFiles } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram, type Outcome } from '../support/run-program.js';

type Files = Readonly<Record<string, unknown>>;

const LAYERS = { name: 'mine', layers: [{ from: 'base' }] };

/** A working directory with a template in ./mine. */
function withTemplate(files: Files): string {
  return writeFolder(makeFolder(), { 'mine/base/plain.txt': 'plain\n', ...files });
}

function run(cwd: string, ...flags: string[]): Promise<Outcome> {
  return runProgram(['my-ai', '--template', './mine', ...QUICK, ...flags], { cwd });
}

const read = (cwd: string, path: string): string => readFileSync(join(cwd, 'my-ai', path), 'utf8');

describe("a template of one's own", () => {
  const style = {
    type: 'choice',
    label: 'Style?',
    choices: [{ value: 'plain' }, { value: 'loud', label: 'Loud' }],
    default: 'plain',
  };

  it('renders what ends in .ejs and copies the rest byte for byte', async () => {
    const cwd = withTemplate({
      'mine/template.json': { ...LAYERS, facts: [{ set: { port: 3000 } }] },
      'mine/base/README.md.ejs': '# <%= project.name %> on <%- facts.port %> & <%= "<b>" %>\n',
      'mine/base/raw.html': '<%= untouched %>\r\n',
      'mine/base/run.sh': '#!/bin/sh\n',
    });
    writeFileSync(join(cwd, 'mine/base/logo.png'), Buffer.from([0x89, 0x50, 0xff, 0x00, 0xfe]));
    const { exitCode, stdout } = await run(cwd, '--json');
    expect(exitCode).toBe(0);
    expect(read(cwd, 'README.md')).toBe('# my-ai on 3000 & <b>\n');
    expect(read(cwd, 'raw.html')).toBe('<%= untouched %>\r\n');
    expect([...readFileSync(join(cwd, 'my-ai/logo.png'))]).toEqual([0x89, 0x50, 0xff, 0x00, 0xfe]);
    const { files } = JSON.parse(stdout) as { files: { path: string; executable?: true }[] };
    expect(files.find(({ path }) => path === 'run.sh')?.executable).toBe(true);
  });

  it('asks its own options through --set, and follows conditions', async () => {
    const cwd = withTemplate({
      'mine/template.json': {
        ...LAYERS,
        options: {
          style,
          shout: { type: 'boolean', label: 'Shout?', default: false, when: { style: 'loud' } },
          team: { type: 'string', label: 'Team?', default: 'core', pattern: '^[a-z]+$' },
        },
        layers: [{ from: 'base' }, { from: 'loud', when: { style: 'loud', shout: true } }],
      },
      'mine/loud/team.txt.ejs': '<%= options.team %> <%= options.style %>',
    });
    const { exitCode, stderr } = await run(
      cwd,
      '--set',
      'style=loud',
      '--set',
      'shout=true',
      '--set',
      'team=x',
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(read(cwd, 'team.txt')).toBe('x loud');
    const refused: readonly (readonly [string, RegExp])[] = [
      [
        'style=lod',
        /"lod" is not a valid value for --set style\. Valid: plain, loud\. Did you mean "loud"/,
      ],
      ['stile=loud', /no option "stile".*style, shout, team.*Did you mean "style"/],
      ['team=UPPER', /"UPPER".*--set team.*\^\[a-z\]\+\$/],
      ['shout=true', /applies only when style is loud/],
    ];
    for (const [answer, sentence] of refused) {
      const outcome = await run(cwd, '--set', answer);
      expect(outcome.exitCode).toBe(2);
      expect(outcome.stderr).toMatch(sentence);
    }
  });

  it('needs an answer where it has no default', async () => {
    const cwd = withTemplate({
      'mine/template.json': { ...LAYERS, options: { team: { type: 'string', label: 'Team?' } } },
    });
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--set team=<value>');
  });

  it('extends a built-in template: replaces files, adds to package.json, narrows choices', async () => {
    const cwd = withTemplate({
      'mine/template.json': {
        ...LAYERS,
        extends: ['fastify'],
        supports: { ci: ['none'], 'package-manager': ['pnpm', 'npm'] },
      },
      'mine/base/AGENTS.md': 'ours\n',
      'mine/base/package.json': { dependencies: { 'aa-house': '1.0.0' }, license: 'UNLICENSED' },
    });
    const { exitCode, stdout } = await run(cwd, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      template: 'mine',
      options: { framework: 'fastify', ci: 'none', 'package-manager': 'npm' },
    });
    expect(read(cwd, 'AGENTS.md')).toBe('ours\n');
    const manifest = JSON.parse(read(cwd, 'package.json')) as Record<
      string,
      Record<string, string>
    >;
    expect(Object.keys(manifest['dependencies'] ?? {})).toContain('fastify');
    expect(Object.keys(manifest['dependencies'] ?? {})).toEqual(
      Object.keys(manifest['dependencies'] ?? {}).sort(),
    );
    expect(listFiles(join(cwd, 'my-ai')).join()).not.toContain('.github');
    const refused = await run(cwd, '--ci', 'github');
    expect(refused.exitCode).toBe(2);
  });

  it('extends a folder, which may extend another; each once', async () => {
    const cwd = withTemplate({
      'mine/template.json': { ...LAYERS, extends: ['./parents/a', '../b'] },
      'mine/parents/a/template.json': {
        name: 'a',
        layers: [{ from: 'f' }],
        extends: ['../../../b'],
      },
      'mine/parents/a/f/a.txt': 'a',
      'b/template.json': { name: 'b', layers: [{ from: 'f' }] },
      'b/f/b.txt': 'b',
      'b/f/plain.txt': 'replaced',
    });
    const { exitCode, stderr } = await run(cwd);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(listFiles(join(cwd, 'my-ai'))).toEqual([
      '.create-ai-backend.json',
      'a.txt',
      'b.txt',
      'plain.txt',
    ]);
    expect(read(cwd, 'plain.txt')).toBe('plain\n');
  });

  it('has no answer to a flag that it does not support', async () => {
    const cwd = withTemplate({ 'mine/template.json': LAYERS });
    const { exitCode, stderr } = await run(cwd, '--store', 'memory');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--store');
  });
});

describe('a template that is refused, by name', () => {
  const manifest = (value: unknown): Files => ({ 'mine/template.json': value });
  const option = (value: object): Files =>
    manifest({ ...LAYERS, options: { style: { label: 'Style?', ...value } } });

  const refused: readonly (readonly [string, Files, RegExp])[] = [
    ['no manifest', {}, /mine: there is no template\.json/],
    [
      'broken JSON',
      manifest('{\n  "name": "mine",\n  "layers": [}\n'),
      /mine\/template\.json:3: not valid JSON/,
    ],
    [
      'JSON that ends early',
      manifest('{\n  "name": "mine",\n'),
      /mine\/template\.json:2: not valid JSON/,
    ],
    ['no object', manifest('[]'), /must be an object/],
    ['a missing key', manifest({ name: 'mine' }), /template\.json:1: .*"layers" is missing/],
    [
      'an unknown key',
      manifest('{\n  "name": "mine",\n  "layer": [],\n  "layers": []\n}'),
      /template\.json:3: layer is not a known key\. Known here: .*layers.*Did you mean "layers"/,
    ],
    [
      'a wrong type',
      manifest({ ...LAYERS, selectable: 'yes' }),
      /selectable must be true or false, not "yes"/,
    ],
    ['a wrong name', manifest({ ...LAYERS, name: 'My Template' }), /name must match/],
    [
      'a value that the generator does not know',
      manifest({ ...LAYERS, supports: { store: ['memry'] } }),
      /supports\.store\[0\] must be one of "memory", "redis", not "memry"\. Did you mean "memory"/,
    ],
    [
      'an unsupported key',
      manifest({ ...LAYERS, supports: { database: ['x'] } }),
      /supports\.database is not a known key/,
    ],
    [
      'an option of an unknown type',
      option({ type: 'number' }),
      /options\.style\.type must be one of "choice"/,
    ],
    ['a choice without choices', option({ type: 'choice' }), /options\.style .*needs "choices"/],
    [
      'a default that is no choice',
      option({ type: 'choice', choices: [{ value: 'a' }], default: 'b' }),
      /default must be one of its choices: a/,
    ],
    [
      'a pattern that is none',
      option({ type: 'string', pattern: '(' }),
      /pattern is not a regular expression/,
    ],
    [
      'an option that shadows a flag',
      manifest({ ...LAYERS, options: { yes: { type: 'boolean', label: '?' } } }),
      /options\.yes is already a name of the generator/,
    ],
    [
      'a condition on an option that is not there',
      manifest(
        '{\n "name": "mine",\n "layers": [\n  {\n   "from": "base",\n   "when": { "stroe": "memory" }\n  }\n ]\n}',
      ),
      /template\.json:6: layers\[0\]\.when\.stroe is not an option\..*Did you mean "store"/,
    ],
    [
      'a condition that never holds',
      manifest({ name: 'mine', layers: [{ from: 'base', when: { ci: 'githb' } }] }),
      /when\.ci can never be "githb"\. Valid: .*Did you mean "github"/,
    ],
    [
      'a condition of a wrong type',
      manifest({ name: 'mine', layers: [{ from: 'base', when: { ci: 3 } }] }),
      /when\.ci must be/,
    ],
    [
      'a layer that leads out',
      manifest({ name: 'mine', layers: [{ from: '../../x' }] }),
      /layers\[0\]\.from leads out of the template/,
    ],
    [
      'an absolute layer',
      manifest({ name: 'mine', layers: [{ from: '/etc' }] }),
      /layers\[0\]\.from leads out of the template/,
    ],
    [
      'a layer that is not there',
      manifest({ name: 'mine', layers: [{ from: 'bsae' }] }),
      /layer folder "bsae" does not exist/,
    ],
    [
      'an unknown parent',
      manifest({ ...LAYERS, extends: ['fastfy'] }),
      /template\.json:.*extends "fastfy".*Did you mean "fastify"/,
    ],
    [
      'a parent folder that is not there',
      manifest({ ...LAYERS, extends: ['./x'] }),
      /extends ".\/x", but there is no folder mine\/x/,
    ],
    [
      'a template that extends itself',
      manifest({ ...LAYERS, extends: ['./'] }),
      /extends itself: mine → mine/,
    ],
    [
      'a circle',
      {
        ...manifest({ ...LAYERS, extends: ['../b'] }),
        'b/template.json': { name: 'b', layers: [], extends: ['../mine'] },
      },
      /extends itself: mine → b → mine/,
    ],
    [
      'a file with a backslash',
      { ...manifest(LAYERS), 'mine/base/..\\..\\x': '' },
      /leads out of the project/,
    ],
    [
      'a device name',
      { ...manifest(LAYERS), 'mine/base/src/aux.ts': '' },
      /aux\.ts" is a device name/,
    ],
    [
      "git's own folder",
      { ...manifest(LAYERS), 'mine/base/.git/hooks/post-commit': '' },
      /lies in git's own folder/,
    ],
    [
      'names that differ in case',
      { ...manifest(LAYERS), 'mine/base/Plain.txt': '' },
      /differs from .* in case only/,
    ],
    [
      'one file claimed twice',
      {
        ...manifest({ name: 'mine', layers: [{ from: 'base' }, { from: 'two' }] }),
        'mine/two/plain.txt': 'other',
      },
      /plain\.txt: claimed by both mine\/base\/plain\.txt and mine\/two\/plain\.txt/,
    ],
    [
      'two values for one key',
      {
        ...manifest({ name: 'mine', layers: [{ from: 'base' }, { from: 'two' }] }),
        'mine/base/package.json': { license: 'MIT' },
        'mine/two/package.json': { license: 'ISC' },
      },
      /license: mine\/base\/package\.json says "MIT" and mine\/two\/package\.json says "ISC"/,
    ],
    [
      'a polluting key',
      {
        ...manifest({ name: 'mine', layers: [{ from: 'base' }, { from: 'two' }] }),
        'mine/base/package.json': '{"__proto__": {"polluted": 1}}',
        'mine/two/package.json': {},
      },
      /__proto__/,
    ],
    [
      'an unknown name',
      { ...manifest(LAYERS), 'mine/base/a.txt.ejs': 'one\n\n<%= nothing %>\n' },
      /mine\/base\/a\.txt\.ejs:3: nothing is not defined/,
    ],
    [
      'an unknown fact',
      { ...manifest(LAYERS), 'mine/base/a.txt.ejs': 'one\n<%= facts.prot %>\n' },
      /a\.txt\.ejs:2: facts\.prot does not exist/,
    ],
    [
      'a syntax error',
      { ...manifest(LAYERS), 'mine/base/a.txt.ejs': 'one\n<% if (true { %>\nx\n<% } %>\n' },
      /a\.txt\.ejs:2: .*[Uu]nexpected/,
    ],
    [
      'an open tag',
      { ...manifest(LAYERS), 'mine/base/a.txt.ejs': 'one\n\n<%= facts\n' },
      /a\.txt\.ejs:3: .*close tag/,
    ],
    [
      'an include',
      { ...manifest(LAYERS), 'mine/base/a.txt.ejs': '<%- include("/etc/passwd") %>' },
      /a\.txt\.ejs:1: include\(\) is not available/,
    ],
  ];

  it.each(refused)('%s', async (_name, files, sentence) => {
    const cwd = withTemplate(files);
    const before = listEntries(cwd);
    const { exitCode, stderr, stdout } = await run(cwd);
    expect(stderr).toMatch(sentence);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(listEntries(cwd)).toEqual(before);
  });

  it('a folder that is not there', async () => {
    const { exitCode, stderr } = await run(makeFolder());
    expect(exitCode).toBe(4);
    expect(stderr).toContain('there is no folder mine');
  });

  it.each([
    ['to a file outside', '/etc/hostname', /leads out of the template/],
    ['to a folder outside', '/etc', /leads out of the template/],
    ['to a neighbour', '../../secret.txt', /leads out of the template/],
    ['to nothing', 'nowhere', /link to nothing/],
    ['to a folder inside', '.', /only files and folders can be copied/],
  ])('a link %s', async (_name, target, sentence) => {
    const cwd = withTemplate({ 'mine/template.json': LAYERS, 'secret.txt': 'secret' });
    symlinkSync(target, join(cwd, 'mine/base/link'));
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(sentence);
    expect(listEntries(cwd)).not.toContain('my-ai');
  });

  it('but a link to a file inside is that file', async () => {
    const cwd = withTemplate({ 'mine/template.json': LAYERS });
    symlinkSync('plain.txt', join(cwd, 'mine/base/link.txt'));
    expect((await run(cwd)).exitCode).toBe(0);
    expect(read(cwd, 'link.txt')).toBe('plain\n');
  });

  it('a layer that is a link out', async () => {
    const cwd = withTemplate({
      'mine/template.json': { name: 'mine', layers: [{ from: 'out' }] },
      'x/secret.txt': 's',
    });
    symlinkSync('../x', join(cwd, 'mine/out'));
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('leads out of the template');
  });
});
