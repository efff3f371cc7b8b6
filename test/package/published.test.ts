import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, it } from 'vitest';
import { listFiles } from '../support/read-tree.js';
import { makeFolder, plainEnvironment, runProgram } from '../support/run-program.js';

interface PackageJson {
  readonly dependencies?: object;
  readonly scripts?: Readonly<Record<string, string>>;
}

const root = (): string => dirname(dirname(inject('program')));

describe('the tarball', () => {
  it('takes at most 305 kB, more than half of which is the templates', () => {
    expect(statSync(inject('tarball')).size).toBeLessThanOrEqual(305_000);
  });

  it('holds the program and its papers, and no source', () => {
    const files = listFiles(root());
    const papers = [
      'LICENSE',
      'README.md',
      'dist/THIRD_PARTY_LICENSES.txt',
      'dist/template.schema.json',
    ];
    for (const file of ['bin/create-ai-backend.js', 'dist/templates.br', ...papers]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => /^(src|test|templates|node_modules)\//.test(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.ts') || file.endsWith('.map'))).toEqual([]);
  });

  it('needs no other package and runs no script when it is installed', () => {
    const manifest = JSON.parse(readFileSync(join(root(), 'package.json'), 'utf8')) as PackageJson;
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => name.endsWith('install'))).toEqual(
      [],
    );
  });

  it('names the licence of every library whose code it holds', () => {
    const text = readFileSync(join(root(), 'dist/THIRD_PARTY_LICENSES.txt'), 'utf8');
    const libraries = [
      '@clack/prompts',
      'cliui',
      'ejs',
      'execa',
      'fs-extra',
      'picocolors',
      'yargs-parser',
    ];
    for (const library of libraries) expect(text).toContain(`${library} `);
    expect(text).toContain('Apache License');
    expect(text).not.toContain('undefined');
  });

  it('says nothing of the machine it was made on', () => {
    const repository = join(import.meta.dirname, '../..');
    for (const file of listFiles(root())) {
      const text = readFileSync(join(root(), file), 'utf8');
      expect({ file, found: text.includes(repository) }).toEqual({ file, found: false });
    }
  });

  it('brings the files that npm would drop or rename', async () => {
    const cwd = makeFolder();
    await runProgram(['my-ai', '--yes', '--no-install', '--no-git'], { cwd });
    const files = listFiles(join(cwd, 'my-ai'));
    for (const file of [
      '.gitignore',
      '.npmrc',
      '.dockerignore',
      '.env.example',
      '.github/workflows/ci.yml',
    ]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => file.endsWith('.ejs'))).toEqual([]);
  });

  it('is one package for npx, and runs', async () => {
    const cwd = makeFolder();
    const env = { ...plainEnvironment(), npm_config_cache: join(inject('scratch'), 'npx-cache') };
    const options = { cwd, env: { ...process.env, ...env }, extendEnv: false } as const;
    const { stdout } = await execa(
      'npx',
      ['--yes', `file:${inject('tarball')}`, '--version'],
      options,
    );
    expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
    const installed = makeFolder('install');
    await execa('npm', ['install', '--no-audit', '--no-fund', inject('tarball')], {
      ...options,
      cwd: installed,
    });
    const packages = listFiles(join(installed, 'node_modules')).filter((file) =>
      file.endsWith('/package.json'),
    );
    expect(packages.filter((file) => !/\/(bin|dist)\//.test(file))).toEqual([
      'create-ai-backend/package.json',
    ]);
  });

  it('says which Node it needs to a Node that is too old', async () => {
    const script = join(root(), 'bin/create-ai-backend.js');
    const older = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' }); require(${JSON.stringify(script)})`;
    const { exitCode, stderr } = await execa(process.execPath, ['-e', older], { reject: false });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('needs Node.js 20.19');
  });
});
