import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeRepository, smartHttp } from '../support/git-repository.js';
import { rawTarGz } from '../support/hostile-tar.js';
import { writeFolder } from '../support/make-template.js';
import { npmRegistry } from '../support/npm-registry.js';
import { listEntries, listFiles, readTree, type FileFacts } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram, type Outcome } from '../support/run-program.js';
import { serve } from '../support/serve.js';
import { hasTerminal, openTerminal, type Terminal } from '../support/terminal.js';

type Files = Readonly<Record<string, string>>;

/** A company's template on top of a built-in one, and one that stands alone. */
const TEMPLATES: Readonly<Record<string, Files>> = {
  'extends fastify': {
    'template.json': JSON.stringify({
      name: 'house',
      extends: ['fastify'],
      layers: [{ from: 'base' }],
      options: { team: { type: 'string', label: 'Team?', default: 'core' } },
    }),
    'base/AGENTS.md.ejs': 'Ask <%= options.team %> about <%= project.name %>.\n',
    'base/package.json': '{ "license": "UNLICENSED" }\n',
  },
  'extends nothing': {
    'template.json': JSON.stringify({
      name: 'plain',
      layers: [{ from: 'base' }],
      facts: [{ set: { commands: { install: ['node', 'server.mjs'] } } }],
    }),
    'base/README.md.ejs': '# <%= project.name %>\n',
    'base/server.mjs': "import { writeFileSync } from 'node:fs';\nwriteFileSync('ran', '');\n",
  },
};

interface Route {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const home = (cwd: string): Record<string, string> => ({
  HOME: `${cwd}.home`,
  XDG_CACHE_HOME: `${cwd}.home/cache`,
  NO_PROXY: '127.0.0.1',
});

const pack = (files: Files, folder = ''): Buffer =>
  rawTarGz(Object.entries(files).map(([name, body]) => ({ name: folder + name, body })));

const ROUTES: Readonly<Record<string, (cwd: string, files: Files) => Promise<Route> | Route>> = {
  'git over file://': (cwd, files) => {
    const repository = makeRepository(`${cwd}.git`);
    repository.commit(files);
    return { flags: ['--template', `git+${repository.url}`], env: {} };
  },
  'git over HTTP': async (cwd, files) => {
    makeRepository(`${cwd}.git`).commit(files);
    const { url } = await serve(smartHttp(`${cwd}.git`));
    return { flags: ['--template', `git+${url}/template.git`], env: {} };
  },
  npm: async (_cwd, files) => {
    const described = { ...files, 'package.json': '{"name":"house","version":"1.0.0"}' };
    const archive = pack(described, 'package/');
    const { url } = await serve(npmRegistry('house', [{ version: '1.0.0', archive }]));
    return { flags: ['--template', 'npm:house'], env: { npm_config_registry: `${url}/` } };
  },
  'a tarball': (cwd, files) => {
    writeFileSync(`${cwd}.tgz`, pack(files));
    return { flags: ['--template', `${cwd}.tgz`], env: {} };
  },
  'a registry': (cwd, files) => {
    writeFileSync(`${cwd}.tgz`, pack(files));
    const index = { templates: { 'acme/house': { source: `${cwd}.tgz` } } };
    writeFileSync(`${cwd}.json`, JSON.stringify(index));
    return { flags: ['--template', 'acme/house', '--registry', `${cwd}.json`], env: {} };
  },
};

const run = (cwd: string, { flags, env }: Route, ...more: string[]): Promise<Outcome> =>
  runProgram(['my-ai', ...QUICK, ...flags, ...more], { cwd, env: { ...home(cwd), ...env } });

async function byFolder(files: Files): Promise<readonly FileFacts[]> {
  const cwd = makeFolder();
  writeFolder(join(cwd, 'mine'), files);
  const { exitCode, stderr } = await run(cwd, { flags: ['--template', './mine'], env: {} });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return readTree(join(cwd, 'my-ai'));
}

describe.each(Object.entries(TEMPLATES))('a template that %s', (_name, files) => {
  it.each(Object.entries(ROUTES))('is the same by %s', async (_route, prepare) => {
    const wanted = await byFolder(files);
    const cwd = makeFolder();
    const route = await prepare(cwd, files);

    const untrusted = await run(cwd, route);
    expect(untrusted.exitCode).toBe(4);
    expect(untrusted.stderr).toMatch(/comes from elsewhere.*--trust sha256:[0-9a-f]{64}/);
    expect(listEntries(cwd)).toEqual([]);

    const digest = /sha256:[0-9a-f]{64}/.exec(untrusted.stderr)?.[0] ?? 'none';
    const { exitCode, stderr } = await run(cwd, route, '--trust', digest);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(readTree(join(cwd, 'my-ai'))).toEqual(wanted);

    const again = makeFolder();
    const offline = await runProgram(
      ['my-ai', ...QUICK, ...route.flags, '--trust', digest, '--offline'],
      { cwd: again, env: { ...home(cwd), ...route.env } },
    );
    expect({ exitCode: offline.exitCode, stderr: offline.stderr }).toEqual({
      exitCode: 0,
      stderr: '',
    });
    expect(readTree(join(again, 'my-ai'))).toEqual(wanted);
  });
});

const ALONE = TEMPLATES['extends nothing'] ?? {};

describe('what a template would run', () => {
  it.each([
    ['runs', [], true],
    ['does not with --no-run', ['--no-run'], false],
  ])('%s', async (_name, more, runs) => {
    const cwd = makeFolder();
    writeFolder(join(cwd, 'mine'), ALONE);
    const flags = ['my-ai', '--template', './mine', '--yes', '--no-git', ...more];
    const { exitCode } = await runProgram(flags, { cwd, env: home(cwd) });
    expect(exitCode).toBe(0);
    expect(listFiles(join(cwd, 'my-ai')).includes('ran')).toBe(runs);
  });
});

describe('a secret', () => {
  it.each([[['--dry-run']], [['--dry-run', '--json']], [['--json']], [[]]])(
    'is in what renders it, and in no record, output or command, with %j',
    async (more) => {
      const cwd = makeFolder();
      const secret = 'sk-nobody-may-see-this';
      const token = { type: 'string', label: 'Token?', secret: true };
      writeFolder(join(cwd, 'mine'), {
        'template.json': { name: 'mine', layers: [{ from: 'base' }], options: { token } },
        'base/token.txt.ejs': '<%= options.token %>\n',
        'base/plain.txt': 'plain\n',
      });
      const flags = ['--template', './mine', '--set', `token=${secret}`];
      const { exitCode, stdout, stderr } = await run(cwd, { flags, env: {} }, ...more);
      expect(exitCode).toBe(0);
      expect(stdout + stderr).not.toContain(secret);
      const holders = listFiles(cwd).filter((path) =>
        readFileSync(join(cwd, path), 'utf8').includes(secret),
      );
      expect(holders).toEqual(more.includes('--dry-run') ? [] : ['my-ai/token.txt']);
    },
  );
});

describe.skipIf(!hasTerminal)('at a terminal, whether to trust it', () => {
  let terminal: Terminal | undefined;
  afterEach(() => {
    terminal?.close();
  });

  const ask = async (cwd: string): Promise<Terminal> => {
    writeFileSync(`${cwd}.tgz`, pack(ALONE));
    terminal = openTerminal(
      cwd,
      ['my-ai', '--no-install', '--no-git', '--template', `${cwd}.tgz`],
      { columns: 160, env: home(cwd) },
    );
    const screen = await terminal.see('Do you trust it?');
    expect(screen).toMatch(/digest\s+sha256:[0-9a-f]{64}/);
    expect(screen).toMatch(/runs\s+node server\.mjs/);
    return terminal;
  };

  it('is asked, and a no leaves nothing', async () => {
    const cwd = makeFolder();
    const { press, see } = await ask(cwd);
    press('n');
    await see('exit: 130');
    expect(listEntries(cwd)).toEqual([]);
  });

  it('is asked, and a yes goes on', async () => {
    const cwd = makeFolder();
    const { press, see } = await ask(cwd);
    press('y');
    await see('Write it?');
    press('Enter');
    await see('exit: 0');
    expect(listFiles(join(cwd, 'my-ai'))).toContain('server.mjs');
  });
});
