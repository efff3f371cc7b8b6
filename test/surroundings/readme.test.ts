import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate, readText } from './support/generate.js';
import { repository } from './support/repository.js';

interface Example {
  readonly language: string;
  readonly code: string;
}

function examples(markdown: string): readonly Example[] {
  const blocks = [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  return blocks.map(([, language = '', code = '']) => ({ language, code }));
}

function start(project: string) {
  return execa('node', ['dist/main.js'], {
    cwd: project,
    env: { PORT: '0', PROVIDER: 'mock' },
    buffer: false,
    reject: false,
  });
}

/** The address at which a started server says that it listens. */
async function listening(server: ReturnType<typeof start>): Promise<string> {
  for await (const line of createInterface({ input: server.stdout })) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return url;
  }
  throw new Error('The server ended without listening.');
}

describe('the README', () => {
  let project: string;
  let blocks: readonly Example[];
  let server: ReturnType<typeof start>;
  let url: string;

  beforeAll(async () => {
    project = await generate();
    await symlink(join(repository, 'node_modules'), join(project, 'node_modules'));
    blocks = examples(await readText(project, 'README.md'));

    const task = blocks.find(({ language }) => language === 'ts')?.code ?? '';
    await writeFile(join(project, 'src', 'tasks', 'classify.ts'), task);
    await execa('npm', ['run', 'build'], { cwd: project });
    server = start(project);
    url = await listening(server);
  }, 120_000);

  afterAll(async () => {
    server.kill();
    await server;
  });

  it('has a task to copy that passes the type check and the linter', async () => {
    await execa('npm', ['run', 'typecheck'], { cwd: project });
    await execa('npm', ['exec', '--', 'eslint', 'src/tasks'], { cwd: project });
    await execa('npm', ['exec', '--', 'prettier', '--check', 'src/tasks'], { cwd: project });
  }, 120_000);

  it('has commands that work when they are pasted one after the other', async () => {
    const commands = blocks
      .filter(({ language, code }) => language === 'sh' && /^(?:JOB=|curl)/.test(code))
      .map(({ code }) => code.replaceAll('http://127.0.0.1:3000', url));
    expect(commands.length).toBeGreaterThanOrEqual(8);
    const script = [
      'set -euo pipefail',
      'curl() { command curl --silent --show-error --fail-with-body --max-time 20 "$@"; echo; }',
      ...commands,
    ].join('\n');
    const { exitCode, stdout, all } = await execa('bash', ['-c', script], {
      all: true,
      reject: false,
    });
    expect(exitCode, all).toBe(0);
    expect(stdout).toContain('Echo: Say hello.');
    expect(stdout).toContain('data: [DONE]');
    expect(stdout).toContain('HTTP/1.1 202 Accepted');
    expect(stdout).toContain('event: job.completed');
    expect(stdout).toMatch(/"label":"(?:question|complaint|praise)"/);
  }, 60_000);

  it('has an example for the OpenAI SDK that works', async () => {
    const code = blocks.find(({ language }) => language === 'js')?.code ?? '';
    await writeFile(join(project, 'ask.mjs'), code.replaceAll('http://127.0.0.1:3000', url));
    const { stdout } = await execa('node', ['ask.mjs'], { cwd: project });
    expect(stdout).toBe('Echo: Say hello.');
  });

  it('maps files and folders that are there', async () => {
    const map = blocks.find(({ code }) => code.startsWith('src/main.ts'))?.code ?? '';
    const paths = map.split('\n').flatMap((line) => /^\S+/.exec(line) ?? []);
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths) await execa('test', ['-e', path], { cwd: project });
  });
});
