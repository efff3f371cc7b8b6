import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCES = join(import.meta.dirname, '../../src');

/** Libraries that are slow to load, and the one file that may: it is imported only when it is needed. */
const CONFINED: Readonly<Record<string, readonly string[]>> = {
  '@clack/prompts': ['cli/prompts.ts'],
  cliui: ['cli/describe-recommendation.ts', 'cli/render-help.ts', 'cli/template/print-rows.ts'],
  ejs: ['template/compile-ejs.ts'],
  execa: [
    'project/run-command.ts',
    'template/render/run-shut-in.ts',
    'template/source/run-tool.ts',
  ],
  'fs-extra/esm': ['project/move-into.ts'],
};

describe('start-up', () => {
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const textOf = (path: string): string => readFileSync(join(SOURCES, path), 'utf8');

  it.each(Object.entries(CONFINED))('loads %s in %j only', (library, files) => {
    const importers = sources.filter((path) => textOf(path).includes(`from '${library}'`));
    expect(importers).toEqual(files);
  });

  it.each(Object.values(CONFINED).flat())('reaches %s by a dynamic import only', (file) => {
    const name = file.slice(file.lastIndexOf('/') + 1).replace('.ts', '.js');
    const isStatic = new RegExp(String.raw`^import (?!type)[^;]*/${name}';`, 'm');
    // They are reached by a dynamic import themselves, or not at all.
    const allowed = [
      'cli/template/list.ts',
      'cli/template/show.ts',
      'cli/recommend.ts',
      'project/check-service.ts',
      'project/start-repository.ts',
      'template/bundle-templates.ts', // when the package is built
      'template/render/render-foreign.ts',
      'template/render/render-process.ts', // a program of its own
      'template/source/fetch-git.ts',
      'template/source/fetch-npm.ts',
    ];
    const importers = sources.filter(
      (path) => isStatic.test(textOf(path)) && !allowed.includes(path),
    );
    expect(importers).toEqual([]);
  });
});
