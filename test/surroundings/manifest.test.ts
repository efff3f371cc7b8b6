import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  describeAnswers,
  everyProgram,
  generate,
  readText,
  usualAnswers,
  type Answers,
} from './support/generate.js';
import { repository } from './support/repository.js';

type Versions = Readonly<Record<string, string>>;
interface Manifest {
  readonly name: string;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly overrides?: Versions;
  readonly resolutions?: Versions;
}

async function manifestOf(answers: Answers): Promise<Manifest> {
  return JSON.parse(await readText(await generate(answers), 'package.json')) as Manifest;
}

describe.each(everyProgram.map((answers) => [describeAnswers(answers), answers] as const))(
  'package.json for %s',
  (_title, answers) => {
    it('pins what this repository checks its templates against, exactly', async () => {
      const { dependencies, devDependencies } = await manifestOf(answers);
      const own = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Manifest;
      expect(own.devDependencies).toMatchObject({ ...dependencies, ...devDependencies });
      for (const version of Object.values({ ...dependencies, ...devDependencies })) {
        expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      }
    });

    it('holds back or replaces what this repository does', async () => {
      const { overrides } = await manifestOf(answers);
      const own = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Manifest;
      // Here, more than one major version of a package may be about: `name@3` means but one of them.
      const held = Object.entries(own.overrides ?? {}).map(
        ([name, version]) => [name.replace(/(?<=.)@\d+$/, ''), version] as const,
      );
      expect(Object.fromEntries(held)).toMatchObject(overrides ?? {});
    });
  },
);

describe('the add-on of msgpackr, which has an install script', () => {
  it.each([
    ['npm', 'package.json', /"overrides": \{[^}]+"msgpackr-extract": "npm:.*-linux-arm@/],
    ['pnpm', 'pnpm-workspace.yaml', /\n {2}msgpackr-extract: '-'\n/],
    ['yarn', 'package.json', /"resolutions": \{[^}]+"msgpackr-extract": "npm:.*-linux-arm@/],
    ['bun', 'package.json', /"overrides": \{[^}]+"msgpackr-extract": "npm:.*-linux-arm@/],
  ] as const)('is left out, where %s reads it', async (packageManager, file, override) => {
    const project = await generate({ ...usualAnswers, store: 'redis', packageManager });
    expect(await readText(project, file)).toMatch(override);
  });
});

describe('the override of a transitive dependency', () => {
  it.each([
    ['npm', 'package.json', /"overrides": \{\s+"cookie": "\^1\.1\.1"/],
    ['pnpm', 'pnpm-workspace.yaml', /overrides:\n(?: {2}#.*\n)* {2}cookie: \^1\.1\.1/],
    ['yarn', 'package.json', /"resolutions": \{\s+"cookie": "\^1\.1\.1"/],
    ['bun', 'package.json', /"overrides": \{\s+"cookie": "\^1\.1\.1"/],
  ] as const)('is where %s reads it', async (packageManager, file, override) => {
    expect(await readText(await generate({ ...usualAnswers, packageManager }), file)).toMatch(
      override,
    );
  });
});
