import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { inject, expect, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { makeFolder, plainEnvironment } from '../support/run-program.js';

const GUIDE = join(import.meta.dirname, '../../templates/README.md');

/** What a reader would paste, from the first command to the last. */
function commandsOf(markdown: string): string {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands).join('\n');
}

it('is a guide whose every command does what it says, one after the other', async () => {
  const cwd = makeFolder('guide');
  const bin = writeFolder(makeFolder('bin'), {
    npx: `#!/bin/sh\nshift\nexec "${process.execPath}" "${inject('program')}" "$@"\n`,
  });
  chmodSync(join(bin, 'npx'), 0o755);
  const environment = plainEnvironment();
  const { all, exitCode } = await execa(
    'bash',
    ['-euxo', 'pipefail', '-c', commandsOf(readFileSync(GUIDE, 'utf8'))],
    {
      cwd,
      env: {
        ...environment,
        CI: 'true',
        PATH: `${bin}:${environment['PATH'] ?? ''}`,
        XDG_CACHE_HOME: makeFolder('cache'),
      },
      extendEnv: false,
      all: true,
      reject: false,
    },
  );
  expect(all).toContain('Valid: ./house-style');
  expect({ exitCode, all: exitCode === 0 ? '' : all }).toEqual({ exitCode: 0, all: '' });
  const read = (path: string): string => readFileSync(join(cwd, path), 'utf8');
  expect(read('my-ai/CODEOWNERS')).toContain('@acme/search');
  expect(read('my-ai/docs/on-call.md')).toContain('my-ai does not answer at `/readyz`');
  for (const project of ['from-git', 'from-tarball', 'by-name']) {
    expect(read(`${project}/docs/owners.md`)).toContain(
      'The team platform. It listens at port 3000.',
    );
    expect(JSON.parse(read(`${project}/package.json`))).toMatchObject({ author: 'Acme' });
    expect(existsSync(join(cwd, project, '.nvmrc'))).toBe(false);
  }
}, 300_000);
