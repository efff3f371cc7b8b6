import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type Options } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from './support/free-port.js';
import { frameworks, generate, readText, usualAnswers } from './support/generate.js';

const MINUTES = 60_000;
const TAG = `surroundings-${process.pid.toString()}`;
const SECRET = 'sk-must-not-be-in-the-image';

const { failed: hasNoEngine } = await execa('docker', ['version'], { reject: false });

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('docker', args);
  return stdout;
}

async function inspect(container: string, field: string): Promise<string> {
  return docker('inspect', '--format', `{{${field}}}`, container);
}

async function healthy(container: string): Promise<void> {
  while ((await inspect(container, '.State.Health.Status')) !== 'healthy') await sleep(500);
}

const API_KEYS = `acme:${'0'.repeat(64)}`;
const settings = ['--env', 'PROVIDER=mock', '--env', `API_KEYS=${API_KEYS}`];
const usual = ['--detach', '--read-only', '--cap-drop', 'ALL', ...settings];

// Skipped where no container engine answers.
describe.skipIf(hasNoEngine)('the image', () => {
  const containers: string[] = [];
  let project: string;

  async function run(...args: readonly string[]): Promise<string> {
    const container = await docker('run', ...args);
    containers.push(container);
    return container;
  }

  beforeAll(async () => {
    project = await generate();
    await execa('npm', ['install', '--package-lock-only', '--silent'], { cwd: project });
    await writeFile(join(project, '.env'), `PROVIDER_API_KEY=${SECRET}\n`);
    await execa('docker', ['build', '--tag', TAG, '.'], { cwd: project });
  }, 10 * MINUTES);

  afterAll(async () => {
    await execa('docker', ['rm', '--force', ...containers], { reject: false });
    await execa('docker', ['rmi', '--force', TAG], { reject: false });
  });

  it('becomes healthy with a read-only root and no capability, and not as root', async () => {
    const container = await run(...usual, TAG);
    await healthy(container);
    expect(await docker('exec', container, 'id', '-u')).toBe('1000');
    expect(await docker('exec', container, 'cat', '/proc/1/comm')).toMatch(/^(?:node|MainThread)$/);
  }, 60_000);

  it('holds what runs, and neither sources, development tools nor settings', async () => {
    const container = await run(...usual, TAG);
    const files = await docker('exec', container, 'ls', '-A', '/app');
    expect(files.split('\n').sort()).toEqual([
      'dist',
      'models.json',
      'node_modules',
      'package.json',
    ]);

    const { devDependencies } = JSON.parse(await readText(project, 'package.json')) as {
      devDependencies: object;
    };
    const installed = await docker('exec', container, 'ls', '/app/node_modules');
    const unwanted = installed.split('\n').filter((name) => name in devDependencies);
    expect(unwanted).toEqual([]);

    const { exitCode, stdout } = await execa(
      'docker',
      ['exec', container, 'grep', '-rl', SECRET, '/app'],
      { reject: false },
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  }, 60_000);

  it('ends with exit code 0 on SIGTERM, long before it would be killed', async () => {
    const container = await run(...usual, TAG);
    await healthy(container);
    const start = performance.now();
    await docker('stop', '--time', '30', container);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(await inspect(container, '.State.ExitCode')).toBe('0');
  }, 60_000);

  it('does not start without a provider and keys', async () => {
    const container = await run('--detach', TAG);
    expect(await docker('wait', container)).toBe('1');
    const { all } = await execa('docker', ['logs', container], { all: true });
    expect(all).toMatch(/PROVIDER.*API_KEYS/);
  }, 60_000);

  it('makes keys', async () => {
    const output = await docker('run', '--rm', TAG, 'node', 'dist/create-key.js', 'acme');
    expect(output).toMatch(/^ {2}sk-\S{43}$/m);
    expect(output).toMatch(/^ {2}acme:[0-9a-f]{64}$/m);
  }, 60_000);
});

/** The settings of this shell must not reach the project; an empty one is like none. */
async function composeProject(project: string) {
  const port = (await freePort()).toString();
  const env = { PROVIDER: '', PORT: port, COMPOSE_PROJECT_NAME: TAG };
  const options = { cwd: project, env } satisfies Options;
  const compose = async (...args: readonly string[]) => {
    const { stdout } = await execa('docker', ['compose', ...args], options);
    return stdout;
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const exitCodes = async (...services: readonly string[]) => {
    const containers = (await compose('ps', '--all', '--quiet', ...services)).split('\n');
    return Promise.all(containers.map((container) => inspect(container, '.State.ExitCode')));
  };
  return { compose, post, exitCodes, url: `http://127.0.0.1:${port}` };
}

const UP = ['up', '--build', '--detach', '--wait', '--wait-timeout', '120'];
const DOWN = ['down', '--volumes', '--rmi', 'local'];
const HELLO = { model: 'default', messages: [{ role: 'user', content: 'Hello' }] };

describe.skipIf(hasNoEngine).each(frameworks)(
  'compose.yaml of %s, without any setting',
  (framework) => {
    it(
      'starts a backend that answers, and ends in good order',
      async () => {
        const project = await generate({ ...usualAnswers, framework });
        await execa('npm', ['install', '--package-lock-only', '--silent'], { cwd: project });
        const { compose, post, exitCodes } = await composeProject(project);
        try {
          await compose(...UP);
          expect(await (await post('/v1/chat/completions', HELLO)).text()).toContain('Echo: Hello');
          await compose('stop');
          expect(await exitCodes()).toEqual(['0']);
        } finally {
          await compose(...DOWN);
        }
      },
      5 * MINUTES,
    );

    it(
      'starts workers and their Redis servers, too',
      async (context) => {
        // What it prints, since not every engine hands on the exit code of what ends at once.
        const look = ['run', '--rm', 'redis:8-alpine', 'sh', '-c', 'test -w /data && pwd'];
        const { stdout } = await execa('docker', look, { reject: false });
        context.skip(stdout !== '/data', 'needs the official image of Redis');
        const project = await generate({ ...usualAnswers, framework, store: 'redis' });
        await execa('npm', ['install', '--package-lock-only', '--silent'], { cwd: project });
        const { compose, post, exitCodes, url } = await composeProject(project);
        try {
          await compose(...UP, '--scale', 'worker=2');
          const accepted = await post('/v1/jobs', { type: 'chat.completion', request: HELLO });
          const { urls } = (await accepted.json()) as { urls: { self: string } };
          const ended = await fetch(url + urls.self, { headers: { prefer: 'wait=20' } });
          expect(await ended.text()).toContain('Echo: Hello');
          await compose('stop');
          expect(await exitCodes('api', 'worker')).toEqual(['0', '0', '0']);
        } finally {
          await compose(...DOWN);
        }
      },
      5 * MINUTES,
    );
  },
);
