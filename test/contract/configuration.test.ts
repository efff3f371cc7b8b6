import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Client } from './clients/client.js';
import { chat } from './clients/requests.js';
import { expectNoInnards } from './expectations/problem.js';
import { chatCompletion } from './schemas/chat.js';
import { BackendProcess } from './subject/backend-process.js';
import type { Environment } from './subject/environment.js';
import { settings } from './subject/settings.js';
import { needsOwnProcess } from './subject/use-backend.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const running: BackendProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((backend) => backend.stop()));
});

async function start(env: Environment, models?: unknown): Promise<BackendProcess> {
  const configuration = models === undefined ? { env } : { env, models };
  const backend = await BackendProcess.start(upstream.baseUrl, configuration);
  running.push(backend);
  return backend;
}

/** Starts a backend that must refuse, and gives what it printed. */
async function refusal(env: Environment, models?: unknown): Promise<string> {
  const configuration = models === undefined ? { env } : { env, models };
  const backend = await BackendProcess.spawn(upstream.baseUrl, configuration);
  running.push(backend);
  const exit = await backend.exit(20_000);
  expect(exit, backend.output).toEqual({ code: 1, signal: null });
  expect(backend.output, 'it never listened').not.toMatch(/"url"/u);
  return backend.output;
}

function expectToName(output: string, variables: readonly string[]): void {
  for (const variable of variables) {
    expect(output, `${variable} is named`).toMatch(new RegExp(`\\b${variable}\\b`, 'u'));
  }
}

class At extends Client {
  constructor(readonly baseUrl: string) {
    super();
  }
}

const badValues: Readonly<Record<string, string>> = {
  PORT: 'eighty',
  LOG_LEVEL: 'loud',
  PROVIDER: 'nobody',
  PROVIDER_BASE_URL: 'not a url',
  PROVIDER_CONNECT_TIMEOUT_MS: 'soon',
  PROVIDER_FIRST_BYTE_TIMEOUT_MS: '-1',
  PROVIDER_TIMEOUT_MS: '1s',
  CACHE_POLICY: 'sometimes',
  CACHE_TTL_SECONDS: '-5',
  CACHE_MAX_ENTRIES: 'many',
  BODY_LIMIT_BYTES: '4MB',
  JOB_CONCURRENCY: '0',
  JOB_RETENTION_SECONDS: 'NaN',
  JOB_MAX_STORED: '1.5',
  SHUTDOWN_TIMEOUT_MS: 'never',
};

describe('a bad value stops the start', () => {
  needsOwnProcess();

  test('and every bad variable is named at once', async () => {
    const output = await refusal({ ...badValues, PROVIDER_API_KEY: 'sk-never-to-be-printed' });
    expectToName(output, Object.keys(badValues));
    expect(output).not.toContain('sk-never-to-be-printed');
    expectNoInnards(output);
  });

  test('a good variable is not named', async () => {
    const output = await refusal({ CACHE_POLICY: 'sometimes' });
    expectToName(output, ['CACHE_POLICY']);
    for (const other of ['PORT', 'CACHE_TTL_SECONDS', 'PROVIDER']) {
      expect(output).not.toMatch(new RegExp(`\\b${other}\\b`, 'u'));
    }
  });

  test.each(['65536', '-1', '3000abc'])('PORT=%j', async (port) => {
    expectToName(await refusal({ PORT: port }), ['PORT']);
  });

  test.each<[string, unknown]>([
    ['no object', []],
    ['a chain that is no list', { default: 'gpt' }],
    ['a chain without targets', { default: [] }],
    ['an unknown provider', { default: [{ provider: 'nobody', model: 'm' }] }],
    ['a base URL that is none', { default: [{ base_url: 'nowhere' }] }],
  ])('MODELS_FILE with %s', async (_case, models) => {
    expectToName(await refusal({}, models), ['MODELS_FILE']);
  });

  test('MODELS_FILE that is not there, or no JSON', async () => {
    expectToName(await refusal({ MODELS_FILE: '/nowhere/models.json' }), ['MODELS_FILE']);
    const folder = await mkdtemp(join(tmpdir(), 'contract-'));
    const file = join(folder, 'models.json');
    await writeFile(file, '{"default":');
    expectToName(await refusal({ MODELS_FILE: file }), ['MODELS_FILE']);
    await rm(folder, { recursive: true });
  });

  test('a port that is taken: it says so and ends', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const output = await refusal({ PORT: String(port) });
    expect(output).toMatch(/EADDRINUSE|in use/iu);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the provider', () => {
  needsOwnProcess();
  const none: Environment = {
    PROVIDER: undefined,
    PROVIDER_BASE_URL: undefined,
    PROVIDER_API_KEY: undefined,
  };

  async function echo(backend: BackendProcess): Promise<unknown> {
    const answer = await new At(backend.url).post(
      '/v1/chat/completions',
      chat({ model: 'default' }),
    );
    return answer.as(chatCompletion).choices[0]?.message.content;
  }

  test('not chosen, in development: it is the mock', async () => {
    expect(await echo(await start(none))).toBe('Echo: Say hello.');
  });

  test('not chosen, in production: the process refuses to start', async () => {
    expectToName(await refusal({ ...none, ...settings.production }), ['PROVIDER']);
  });

  test('not chosen, in production, among other mistakes: all are named at once', async () => {
    const output = await refusal({ ...none, ...settings.production, CACHE_POLICY: 'x', PORT: 'y' });
    expectToName(output, ['PROVIDER', 'CACHE_POLICY', 'PORT']);
  });
});

describe('where it listens', () => {
  needsOwnProcess();

  test('PORT=0 takes a free port and logs it, so that two can run side by side', async () => {
    const both = await Promise.all([start({ PORT: '0' }), start({ PORT: '0' })]);
    const ports = both.map(({ url }) => new URL(url).port);
    expect(new Set(ports).size).toBe(2);
    expect(ports).not.toContain('0');
    for (const { url } of both) expect((await new At(url).get('/livez')).status).toBe(200);
  });

  test('by default it is reached from this machine only', async () => {
    const { url } = await start({ HOST: undefined });
    expect(new URL(url).hostname).toBe('127.0.0.1');
  });
});
