import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../support/read-tree.js';

interface Package {
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const REPOSITORY = join(import.meta.dirname, '../..');
const SUITE = join(REPOSITORY, 'test/contract');

function read(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
}

const suite = read(SUITE);
const generator = read(REPOSITORY);
const sources = listFiles(SUITE).filter((path) => /\.[jt]s$/.test(path));
const IMPORT = /(?:from|import\(|import) ?'([^']+)'/g;
const imports = sources.flatMap((path) =>
  [...readFileSync(join(SUITE, path), 'utf8').matchAll(IMPORT)].map(([, specifier = '']) => ({
    path,
    specifier,
  })),
);

describe('the conformance suite as a package', () => {
  it('is of the same version as the generator that asks for it', () => {
    expect(suite.version).toBe(generator.version);
  });

  it('has the dependencies that it is tested with here, and no other', () => {
    const used = imports
      .map(({ specifier }) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '')
      .filter((name) => !/^[.#]|^node:/.test(name) && !builtinModules.includes(name));
    const names = [...new Set(used)].sort();
    expect(suite.dependencies).toEqual(
      Object.fromEntries(names.map((name) => [name, generator.devDependencies[name]])),
    );
  });

  it('is whole: no file of it imports one outside', () => {
    const outside = imports.filter(
      ({ path, specifier }) =>
        specifier.startsWith('.') && posix.join(posix.dirname(path), specifier).startsWith('..'),
    );
    expect(outside).toEqual([]);
  });

  it('publishes every file', () => {
    const folders = suite.files.filter((entry) => !entry.includes('*'));
    const left = sources.filter(
      (path) => path.includes('/') && !folders.includes(path.slice(0, path.indexOf('/'))),
    );
    expect(left).toEqual([]);
  });
});
