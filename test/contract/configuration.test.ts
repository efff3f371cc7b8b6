import { lookup } from 'node:dns/promises';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Client } from './clients/client.js';
import { RawConnection } from './clients/raw-connection.js';
import { chat } from './clients/requests.js';
import { expectNoInnards } from './expectations/problem.js';
import { expectRefusal, prepareDeployment } from './expectations/refusal.js';
import { within } from './expectations/timing.js';
import { chatCompletion } from './schemas/chat.js';
import type { BackendProcess } from './subject/backend-process.js';
import type { Environment } from './subject/environment.js';
import { settings } from './subject/settings.js';
import { needsOwnProcess } from './subject/use-backend.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
/** An API process of the test's own. */
async function start(env: Environment): Promise<BackendProcess> {
  return (await prepareDeployment(upstream, { env })).startApi();
}

const badValues: Readonly<Record<string, string>> = {
  PORT: 'eighty',
  LOG_LEVEL: 'loud',
  PROVIDER: 'nobody',
  PROVIDER_BASE_URL: 'not a url',
  PROVIDER_CONNECT_TIMEOUT_MS: 'soon',
  PROVIDER_FIRST_BYTE_TIMEOUT_MS: '-1',
  PROVIDER_TIMEOUT_MS: '1s',
  PROVIDER_MAX_RETRIES: 'twice',
  CACHE_POLICY: 'sometimes',
  CACHE_TTL_SECONDS: '-5',
  CACHE_MAX_ENTRIES: 'many',
  API_KEYS: 'acme',
  RATE_LIMIT_REQUESTS_PER_MINUTE: '-1',
  RATE_LIMIT_TOKENS_PER_MINUTE: '200k',
  MAX_CONCURRENT_INFERENCES: '0',
  MAX_QUEUED_INFERENCES: 'all',
  BODY_LIMIT_BYTES: '4MB',
  JOB_CONCURRENCY: '0',
  JOB_RETENTION_SECONDS: 'NaN',
  JOB_MAX_STORED: '1.5',
  WEBHOOK_SECRET: 'open sesame',
  WEBHOOK_ALLOW_PRIVATE: 'perhaps',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'over there',
  SHUTDOWN_TIMEOUT_MS: 'never',
  ...(settings.store === 'redis' ? { QUEUE_REDIS_URL: 'here', CACHE_REDIS_URL: 'there' } : {}),
};

/** Values that nobody may read in a log, even where they are not valid. */
const secrets: Readonly<Record<string, string>> = {
  PROVIDER_API_KEY: 'sk-never-to-be-printed',
  API_KEYS: 'acme:sk-a-key-in-place-of-its-hash',
  WEBHOOK_SECRET: 'whsec_not-base64-but-secret',
};

describe('a bad value stops the start', () => {
  needsOwnProcess();

  test('and every bad variable is named at once', async () => {
    const output = await expectRefusal(upstream, { env: badValues }, Object.keys(badValues));
    expectNoInnards(output);
  });

  test('but a secret is not repeated', async () => {
    const env = { ...secrets, CACHE_POLICY: 'sometimes' };
    const named = ['API_KEYS', 'WEBHOOK_SECRET', 'CACHE_POLICY'];
    const output = await expectRefusal(upstream, { env }, named);
    for (const secret of Object.values(secrets)) expect(output).not.toContain(secret);
  });

  test('a good variable is not named', async () => {
    const env = { CACHE_POLICY: 'sometimes' };
    const output = await expectRefusal(upstream, { env }, ['CACHE_POLICY']);
    for (const other of ['PORT', 'CACHE_TTL_SECONDS', 'PROVIDER']) {
      expect(output).not.toMatch(new RegExp(`\\b${other}\\b`, 'u'));
    }
  });

  test.each(['65536', '-1', '3000abc'])('PORT=%j', async (port) => {
    await expectRefusal(upstream, { env: { PORT: port } }, ['PORT']);
  });

  test.each<[string, unknown]>([
    ['no object', []],
    ['a chain that is no list', { default: 'gpt' }],
    ['a chain without targets', { default: [] }],
    ['an unknown provider', { default: [{ provider: 'nobody', model: 'm' }] }],
    ['a base URL that is none', { default: [{ base_url: 'nowhere' }] }],
  ])('MODELS_FILE with %s', async (_case, models) => {
    await expectRefusal(upstream, { models }, ['MODELS_FILE']);
  });

  test('MODELS_FILE that is not there, or no JSON', async () => {
    const refuses = (name: string) =>
      expectRefusal(upstream, { env: { MODELS_FILE: name } }, ['MODELS_FILE']);
    await refuses('/nowhere/models.json');
    const folder = await mkdtemp(join(tmpdir(), 'contract-'));
    const file = join(folder, 'models.json');
    await writeFile(file, '{"default":');
    await refuses(file);
    await rm(folder, { recursive: true });
  });

  test('a port that is taken: it says so and ends', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const output = await expectRefusal(upstream, { env: { PORT: String(port) } }, []);
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

  async function echo(backend: Client): Promise<unknown> {
    const answer = await backend.post('/v1/chat/completions', chat({ model: 'default' }));
    return answer.as(chatCompletion).choices[0]?.message.content;
  }

  test('not chosen, in development: it is the mock', async () => {
    expect(await echo(await start(none))).toBe('Echo: Say hello.');
  });

  test('not chosen, in production: the process refuses to start', async () => {
    await expectRefusal(upstream, { env: { ...none, ...settings.production } }, ['PROVIDER']);
  });

  test('not chosen, in production, among other mistakes: all are named at once', async () => {
    const env = { ...none, ...settings.production, CACHE_POLICY: 'x', PORT: 'y' };
    await expectRefusal(upstream, { env }, ['PROVIDER', 'CACHE_POLICY', 'PORT']);
  });
});

describe('where it listens', () => {
  needsOwnProcess();

  test('PORT=0 takes a free port and logs it, so that two can run side by side', async () => {
    const both = await Promise.all([start({ PORT: '0' }), start({ PORT: '0' })]);
    const ports = both.map(({ baseUrl }) => new URL(baseUrl).port);
    expect(new Set(ports).size).toBe(2);
    expect(ports).not.toContain('0');
    for (const each of both) expect((await each.get('/livez')).status).toBe(200);
  });

  test('by default it is reached from this machine only', async () => {
    const { baseUrl } = await start({ HOST: undefined });
    expect(new URL(baseUrl).hostname).toBe('127.0.0.1');
  });

  test('a name with several addresses: whichever is listened at is the same server', async () => {
    const { port } = new URL((await start({ HOST: 'localhost' })).baseUrl);
    const received = [];
    for (const { address, family } of await lookup('localhost', { all: true })) {
      const host = family === 6 ? `[${address}]` : address;
      const connection = new RawConnection({ baseUrl: `http://${host}:${port}` });
      connection.send('THIS IS NOT HTTP\r\n\r\n');
      expect(await within(5_000, connection.closed)).not.toBe('late');
      if (connection.received !== '') received.push(connection.received);
    }
    expect(received).not.toEqual([]);
    for (const answer of received) expect(answer).toContain('application/problem+json');
  });
});
