import { afterEach, describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../src/config.js';
import { startWorker, type RunningWorker } from '../src/start-worker.js';
import type { Store } from '../src/store/ports.js';
import { startTestServer, type TestServer } from './support/test-server.js';
import { createTestStore } from './support/test-store.js';
import { describeWithRedis, useRedis } from './support/use-redis.js';

const settings = { NODE_ENV: 'test', PORT: '0', LOG_LEVEL: 'silent', SHUTDOWN_TIMEOUT_MS: '300' };

describe('a worker without Redis', () => {
  it('does not start: no job would ever reach it', async () => {
    const start = startWorker(parseConfig(settings));
    await expect(start).rejects.toBeInstanceOf(ConfigError);
    await expect(start).rejects.toThrow(/QUEUE_REDIS_URL.*CACHE_REDIS_URL/);
  });
});

describeWithRedis('a worker', () => {
  const place = useRedis();
  const running: (RunningWorker | TestServer)[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()));
  });

  const openStore = (): Promise<Store> => createTestStore(place, { lockMs: 60_000 });

  async function startApi(): Promise<TestServer> {
    const server = await startTestServer({}, { store: await openStore() });
    running.push(server);
    return server;
  }

  async function work(): Promise<RunningWorker> {
    const urls = { QUEUE_REDIS_URL: place.url, CACHE_REDIS_URL: place.url };
    const config = parseConfig({ ...settings, ...urls });
    const worker = await startWorker(config, { store: await openStore() });
    running.push(worker);
    return worker;
  }

  async function submit(api: TestServer, model: string): Promise<string> {
    const content = 'The quick brown fox jumps over the lazy dog, and the dog sleeps on.';
    const request = { model, stream: true, messages: [{ role: 'user', content }] };
    const answer = await api.post('/v1/jobs', { type: 'chat.completion', request });
    expect(answer.status).toBe(202);
    return ((await answer.json()) as { id: string }).id;
  }

  async function ended(api: TestServer, id: string): Promise<unknown> {
    return (await api.get(`/v1/jobs/${id}`, { prefer: 'wait=10' })).json();
  }

  it('runs what an API process takes on, and nobody else does', async () => {
    const api = await startApi();
    const id = await submit(api, 'default');
    expect(await (await api.get(`/v1/jobs/${id}`, { prefer: 'wait=1' })).json()).toMatchObject({
      status: 'queued',
    });
    await work();
    expect(await ended(api, id)).toMatchObject({ status: 'completed', attempt: 1 });
  });

  it('gives what it cannot finish to another', async () => {
    const [one, api] = [await work(), await startApi()];
    // Longer than a worker that stops has time.
    const id = await submit(api, 'mock-slow');
    const events = await api.get(`/v1/jobs/${id}/events`);
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; !text.includes('job.in_progress');) {
      text += (await reader?.read())?.value ?? '';
    }
    await reader?.cancel();
    running.shift();
    await one.close();
    await work();
    expect(await ended(api, id)).toMatchObject({ status: 'completed', attempt: 2 });
  });

  it('tells how it is, and serves nothing else', async () => {
    const { url } = await work();
    const ask = (path: string, init?: RequestInit) => fetch(url + path, init);
    expect((await ask('/livez')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(200);
    expect(await (await ask('/metrics')).text()).toContain('jobs{status="queued"}');
    expect((await ask('/livez', { method: 'POST' })).status).toBe(405);
    const nothing = await ask('/v1/jobs', { headers: { 'x-request-id': 'mine' } });
    expect(nothing.status).toBe(404);
    expect(nothing.headers.get('x-request-id')).toBe('mine');
    expect(nothing.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});
