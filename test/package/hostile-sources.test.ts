import {
  existsSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeRepository } from '../support/git-repository.js';
import { pax, rawTarGz, type RawEntry } from '../support/hostile-tar.js';
import { writeFolder } from '../support/make-template.js';
import { npmRegistry } from '../support/npm-registry.js';
import { listEntries } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram, type Outcome } from '../support/run-program.js';
import { serve } from '../support/serve.js';

type Files = Readonly<Record<string, unknown>>;

const MANIFEST = { name: 'mine', layers: [{ from: 'base' }] };

/** Whose cache and settings are of the test alone. */
function home(cwd: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    HOME: `${cwd}.home`,
    XDG_CACHE_HOME: `${cwd}.home/cache`,
    NO_PROXY: '127.0.0.1',
    ...more,
  };
}

function run(cwd: string, flags: readonly string[], env = home(cwd)): Promise<Outcome> {
  return runProgram(['my-ai', ...QUICK, ...flags], { cwd, env });
}

/** Refused with a named reason; nothing was written, and nothing ran that would have. */
async function expectRefused(
  cwd: string,
  flags: readonly string[],
  sentence: RegExp,
  env = home(cwd),
): Promise<void> {
  const before = listEntries(cwd);
  const { exitCode, stdout, stderr } = await run(cwd, flags, env);
  expect(stderr).toMatch(sentence);
  expect(exitCode).toBe(4);
  expect(stdout).toMatch(/^(Fetching .* …\n)*$/);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(listEntries(cwd)).toEqual(before);
}

function withTemplate(files: Files): string {
  return writeFolder(makeFolder(), {
    'mine/template.json': MANIFEST,
    'mine/base/plain.txt': 'plain\n',
    ...files,
  });
}

/** As large as a file can look without taking the disk. */
function writeHole(file: string, bytes: number): void {
  const descriptor = openSync(file, 'w');
  ftruncateSync(descriptor, bytes);
  closeSync(descriptor);
}

const MB = 1024 * 1024;

describe('a folder that is refused', () => {
  const MINE = ['--template', './mine'];

  it.each([
    ['a name that leads out', { 'mine/base/..\\x': '' }, /leads out of the project/],
    ['a device name', { 'mine/base/con': '' }, /device name/],
    ['a device name with an ending', { 'mine/base/src/LPT1.txt': '' }, /device name/],
    ['names that differ in case', { 'mine/base/PLAIN.txt': '' }, /in case only/],
    [
      'names that differ in how they are composed',
      { 'mine/base/\u00e9.txt': '', 'mine/base/e\u0301.txt': '' },
      /only/,
    ],
    ["git's own folder, in other letters", { 'mine/base/.GIT/config': '' }, /git's own folder/],
    [
      'an absolute layer',
      { 'mine/template.json': { name: 'mine', layers: [{ from: '/etc' }] } },
      /leads out of the template/,
    ],
    [
      'a layer on another drive',
      { 'mine/template.json': { name: 'mine', layers: [{ from: 'C:\\x' }] } },
      /leads out of the template/,
    ],
    [
      'an option that is a flag',
      { 'mine/template.json': { ...MANIFEST, options: { trust: { type: 'string', label: '?' } } } },
      /already a name of the generator/,
    ],
    [
      'an option of every object',
      {
        'mine/template.json': {
          ...MANIFEST,
          options: { constructor: { type: 'string', label: '?' } },
        },
      },
      /options\.constructor/,
    ],
    [
      'a prototype in the manifest',
      {
        'mine/template.json':
          '{"name":"mine","layers":[{"from":"base"}],"__proto__":{"selectable":true}}',
      },
      /__proto__/,
    ],
    [
      'a prototype among its options',
      {
        'mine/template.json':
          '{"name":"mine","layers":[],"options":{"__proto__":{"type":"string","label":"?"}}}',
      },
      /__proto__/,
    ],
    [
      'a prototype in what is merged',
      {
        'mine/template.json': { name: 'mine', layers: [{ from: 'base' }, { from: 'two' }] },
        'mine/base/package.json': '{"dependencies":{}}',
        'mine/two/package.json': '{"dependencies":{"__proto__":{"polluted":"1"}}}',
      },
      /__proto__/,
    ],
    [
      'the record that is not its own to write',
      { 'mine/base/.create-ai-backend.json': '{}' },
      /written by create-ai-backend itself/,
    ],
  ] as readonly (readonly [string, Files, RegExp])[])('%s', async (_name, files, sentence) => {
    await expectRefused(withTemplate(files), MINE, sentence);
  });

  it('a manifest of 100 MB', async () => {
    const cwd = withTemplate({});
    writeHole(join(cwd, 'mine/template.json'), 100 * MB);
    await expectRefused(cwd, MINE, /mine\/template\.json: is larger than 1 MB/);
  });

  it('a file of 4 GB', async () => {
    const cwd = withTemplate({});
    writeHole(join(cwd, 'mine/base/huge.bin'), 4096 * MB);
    await expectRefused(cwd, MINE, /mine\/base\/huge\.bin: is larger than 10 MB/);
  });

  it('a file to be rendered of more than 1 MB', async () => {
    const cwd = withTemplate({});
    writeHole(join(cwd, 'mine/base/huge.txt.ejs'), MB + 1);
    await expectRefused(cwd, MINE, /mine\/base\/huge\.txt\.ejs: is larger than 1 MB/);
  });

  it('files that are too large together', async () => {
    const cwd = withTemplate({});
    for (let index = 0; index < 11; index += 1) {
      writeHole(join(cwd, `mine/base/${index}.bin`), 9.5 * MB);
    }
    await expectRefused(cwd, MINE, /mine\/base: is larger than 100 MB/);
  });

  it('very many files', async () => {
    const cwd = withTemplate({ 'mine/base/many/first': '' });
    for (let index = 0; index < 10_001; index += 1) {
      writeFileSync(join(cwd, `mine/base/many/${index}`), '');
    }
    await expectRefused(cwd, MINE, /mine\/base: holds more than 10,000 files and folders/);
  });

  it('layers that are too large together', async () => {
    const layers = Array.from({ length: 11 }, (_, index) => ({ from: `layer-${index}` }));
    const cwd = withTemplate({ 'mine/template.json': { name: 'mine', layers } });
    for (const { from } of layers) {
      mkdirSync(join(cwd, 'mine', from));
      writeHole(join(cwd, 'mine', from, `${from}.bin`), 9.5 * MB);
    }
    await expectRefused(
      cwd,
      MINE,
      /mine\/template\.json:\d+: layers\[10\]\.from brings the template .* to 104\.6 MB, more than the 100 MB/,
    );
  });

  it('a layer that is named many times', async () => {
    const layers = Array.from({ length: 100 }, () => ({ from: 'base' }));
    const cwd = withTemplate({ 'mine/template.json': { name: 'mine', layers } });
    for (let index = 0; index < 100; index += 1) {
      writeFileSync(join(cwd, `mine/base/${index}.txt`), '');
    }
    await expectRefused(
      cwd,
      MINE,
      /layers\[98\]\.from brings the template .* to 10,099 files and folders, more than the 10,000/,
    );
  });

  it('what it extends, together with it', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `parent-${index}`);
    const cwd = withTemplate({
      'mine/template.json': { ...MANIFEST, extends: names.map((name) => `../${name}`) },
      ...Object.fromEntries(
        names.map((name) => [`${name}/template.json`, { ...MANIFEST, name }] as const),
      ),
    });
    for (const name of ['mine', ...names]) {
      mkdirSync(join(cwd, name, 'base'), { recursive: true });
      writeHole(join(cwd, name, 'base', `${name}.bin`), 9.5 * MB);
    }
    await expectRefused(
      cwd,
      MINE,
      /parent-9\/template\.json:\d+: layers\[0\]\.from brings the template and all that it extends to 104\.6 MB/,
    );
  });

  it('what would be fetched, one after another', async () => {
    const cwd = writeFolder(makeFolder(), {
      'mine/template.json': { ...MANIFEST, extends: Array(21).fill('./parent.tgz') as string[] },
      'mine/base/plain.txt': 'plain\n',
    });
    writeFileSync(join(cwd, 'parent.tgz'), rawTarGz(WELL));
    await expectRefused(cwd, MINE, /\.\/parent\.tgz: it would be fetched after 20 others/);
  });

  it('but what is extended on very many ways is digested once', async () => {
    const levels = Array.from({ length: 24 }, (_, level) => level);
    const sides = levels.flatMap((level) => [`left-${level}`, `right-${level}`]);
    const parents = (name: string): string[] => {
      const level = Number(name.split('-')[1]) + 1;
      return level < levels.length ? [`../left-${level}`, `../right-${level}`] : [];
    };
    const cwd = withTemplate({
      'mine/template.json': { ...MANIFEST, extends: ['../left-0', '../right-0'] },
      ...Object.fromEntries(
        sides.map((name) => [
          `${name}/template.json`,
          { name, layers: [], extends: parents(name) },
        ]),
      ),
    });
    expect((await run(cwd, MINE)).exitCode).toBe(0);
  });

  it('but a fact of any name is at most one, and changes nothing else', async () => {
    const set = '"set":{"__proto__":{"port":1},"constructor":{"prototype":{"port":1}}}';
    const cwd = withTemplate({
      'mine/template.json': `{"name":"mine","layers":[{"from":"base"}],"facts":[{${set}},{${set}}]}`,
      'mine/base/a.txt.ejs': '<%= ({}).port %> <%= Object.keys(facts).includes("port") %>',
    });
    expect((await run(cwd, MINE)).exitCode).toBe(0);
    expect(readFileSync(join(cwd, 'my-ai/a.txt'), 'utf8')).toBe('undefined false');
  });

  it('but a hard link is a file, and what is copied is no link', async () => {
    const cwd = withTemplate({ 'other.txt': 'other\n' });
    linkSync(join(cwd, 'other.txt'), join(cwd, 'mine/base/linked.txt'));
    expect((await run(cwd, MINE)).exitCode).toBe(0);
    writeFileSync(join(cwd, 'my-ai/linked.txt'), 'changed\n');
    expect(readFileSync(join(cwd, 'other.txt'), 'utf8')).toBe('other\n');
  });
});

const entry = (name: string, more: Partial<RawEntry> = {}): RawEntry => ({
  name,
  body: 'x',
  ...more,
});
const WELL: readonly RawEntry[] = [
  entry('template.json', { body: JSON.stringify(MANIFEST) }),
  entry('base/plain.txt'),
];

describe('a tarball that is refused', () => {
  it.each([
    ['a name that leads out', [entry('base/../../../pwned')], /leads out/],
    ['an absolute name', [entry('/tmp/pwned')], /absolute|leads out/],
    ['a long name that leads out', [pax({ path: '../pwned' }), entry('base/x')], /leads out/],
    [
      'a symbolic link out',
      [entry('base/link', { type: '2', link: '../../..', body: '' })],
      /link/,
    ],
    [
      'a file through a link',
      [entry('base/link', { type: '2', link: '/tmp', body: '' }), entry('base/link/pwned')],
      /link/,
    ],
    ['a hard link', [entry('base/hard', { type: '1', link: '/etc/passwd', body: '' })], /link/],
    ['a device', [entry('base/device', { type: '3', body: '' })], /"base\/device"/],
    ['a name twice', [entry('base/plain.txt', { body: 'other' })], /twice/],
    ['names that differ in case', [entry('base/Plain.txt')], /in case only/],
    [
      'a file that says it is huge',
      [entry('base/huge', { size: 0o77777777777 })],
      /larger|damaged|more than/,
    ],
    ['a bomb', [entry('base/huge', { body: Buffer.alloc(11 * MB) })], /larger than|more than/],
  ] as readonly (readonly [string, readonly RawEntry[], RegExp])[])(
    '%s',
    async (_name, entries, sentence) => {
      const cwd = makeFolder();
      writeFileSync(join(cwd, 'evil.tgz'), rawTarGz([...WELL, ...entries]));
      await expectRefused(cwd, ['--template', './evil.tgz'], sentence);
      expect(existsSync(join(cwd, '../pwned'))).toBe(false);
    },
  );

  it('very many files', async () => {
    const cwd = makeFolder();
    const many = Array.from({ length: 10_001 }, (_, index) => entry(`base/${index}`, { body: '' }));
    writeFileSync(join(cwd, 'evil.tgz'), rawTarGz([...WELL, ...many]));
    await expectRefused(cwd, ['--template', './evil.tgz'], /more than 10,000 files/);
  });
});

const TREE = { 'template.json': MANIFEST, 'base/plain.txt': 'plain\n' };

/** Where a template is from elsewhere, its digest is said when nobody can be asked. */
async function digestOf(
  cwd: string,
  template: readonly string[],
  env = home(cwd),
): Promise<string> {
  const { stderr } = await run(cwd, template, env);
  return /sha256:[0-9a-f]{64}/.exec(stderr)?.[0] ?? 'none';
}

describe('what was trusted and is another', () => {
  it('a digest that does not match', async () => {
    const cwd = makeFolder();
    const { url, commit } = makeRepository(`${cwd}.git`);
    commit(TREE);
    const wrong = `sha256:${'0'.repeat(64)}`;
    await expectRefused(
      cwd,
      ['--template', `git+${url}`, '--trust', wrong],
      /not what --trust says: sha256:0000/,
    );
  });

  it.each([
    ['a branch', []],
    ['a tag', ['#v1']],
  ])('%s that moves afterwards', async (_name, [ref = '']) => {
    const cwd = makeFolder();
    const { url, commit, git, folder } = makeRepository(`${cwd}.git`);
    const tag = (): void => {
      git('tag', '--force', 'v1');
      git('push', '--quiet', '--force', folder, 'v1');
    };
    commit(TREE);
    tag();
    const flags = ['--template', `git+${url}${ref}`];
    const digest = await digestOf(cwd, flags);
    const trusted = [...flags, '--trust', digest];
    expect((await run(cwd, [...trusted, '--dry-run'])).exitCode).toBe(0);
    commit({ 'base/plain.txt': 'evil\n' });
    tag();
    await expectRefused(cwd, trusted, /not what --trust says/);
  });

  it('a registry that names another digest', async () => {
    const cwd = writeFolder(makeFolder(), {
      ...Object.fromEntries(
        Object.entries(TREE).map(([path, content]) => [`mine/${path}`, content]),
      ),
      'index.json': {
        templates: { 'acme/mine': { source: './mine', digest: `sha256:${'0'.repeat(64)}` } },
      },
    });
    const flags = ['--template', 'acme/mine', '--registry', './index.json'];
    await expectRefused(
      cwd,
      flags,
      /the registry says that its digest is sha256:0000.*but what is at/,
    );
  });

  it('an archive whose bytes were pinned', async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, 'mine.tgz'), rawTarGz(WELL));
    const pinned = `./mine.tgz#sha256:${'0'.repeat(64)}`;
    await expectRefused(cwd, ['--template', pinned], /the archive has changed/);
  });
});

describe('what would run', () => {
  it('does not, for scripts of a package from npm', async () => {
    const cwd = makeFolder();
    const trap = join(cwd, 'pwned');
    const scripts = Object.fromEntries(
      ['preinstall', 'install', 'postinstall', 'prepare', 'prepack', 'postpack'].map((name) => [
        name,
        `touch ${trap}`,
      ]),
    );
    const files = { ...TREE, 'package.json': { name: 'evil', version: '1.0.0', scripts } };
    const archive = rawTarGz(
      Object.entries(files).map(([name, content]) => ({
        name: `package/${name}`,
        body: typeof content === 'string' ? content : JSON.stringify(content),
      })),
    );
    const { url } = await serve(npmRegistry('evil', [{ version: '1.0.0', archive }]));
    const env = home(cwd, { npm_config_registry: `${url}/` });
    const flags = ['--template', 'npm:evil'];
    await expectRefused(cwd, flags, /npm:evil.*comes from elsewhere.*--trust sha256:/, env);
    const digest = await digestOf(cwd, flags, env);
    const { exitCode, stderr } = await run(cwd, [...flags, '--trust', digest], env);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(existsSync(trap)).toBe(false);
  });

  const withInstall = (install: unknown): string =>
    withTemplate({
      'mine/template.json': { ...MANIFEST, facts: [{ set: { commands: { install } } }] },
      'mine/base/say.cjs':
        'require("fs").writeFileSync("said.json", JSON.stringify(process.argv.slice(2)));',
    });
  const install = (cwd: string): Promise<Outcome> =>
    runProgram(['my-ai', '--template', './mine', '--yes', '--no-git'], { cwd, env: home(cwd) });

  it('gets what a shell would take for commands as it is', async () => {
    const words = [
      '; touch pwned',
      '$(touch pwned)',
      '`touch pwned`',
      '&& touch pwned',
      '| touch pwned',
      '> pwned',
      '%PATH%',
      '*',
    ];
    const cwd = withInstall(['node', 'say.cjs', ...words]);
    expect((await install(cwd)).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, 'my-ai/said.json'), 'utf8'))).toEqual(words);
    expect(listEntries(cwd).filter((path) => path.endsWith('pwned'))).toEqual([]);
  });

  it.each([
    ['is a line for a shell', ['node say.cjs; touch pwned'], 5],
    ['is no list of words', 'touch pwned', 4],
  ])('does not when it %s', async (_name, command, code) => {
    const cwd = withInstall(command);
    const { exitCode, stderr } = await install(cwd);
    expect(exitCode).toBe(code);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(listEntries(cwd).filter((path) => path.endsWith('pwned'))).toEqual([]);
  });
});
