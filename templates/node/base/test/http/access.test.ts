import { afterEach, describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/access/create-api-key.js';
import { FakeProvider } from '../support/fake-provider.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const body = { model: 'mock', messages: [{ role: 'user', content: 'Hello' }] };
const chat = '/v1/chat/completions';

let server: TestServer;
afterEach(() => server.close());

describe('with API keys', () => {
  const [acme, globex] = [createApiKey('acme'), createApiKey('globex')];
  const API_KEYS = `${acme.entry},${globex.entry}`;
  const as = ({ key }: typeof acme) => ({ authorization: `Bearer ${key}` });

  it('answers nobody without one, before the body is read; probes and documents need none', async () => {
    server = await startTestServer({ API_KEYS });
    const refused = await fetch(server.url + chat, {
      method: 'POST',
      body: 'neither JSON nor named so',
    });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    expect((await server.get('/v1/models', { authorization: 'Bearer wrong' })).status).toBe(401);
    // However the path is written.
    expect((await server.get('/%761/models')).status).toBe(401);
    expect((await server.get('/v1/models', as(acme))).status).toBe(200);
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs']) {
      expect((await server.get(path)).status, path).toBe(200);
    }
  });

  it('shows no tenant what is another’s', async () => {
    server = await startTestServer({ API_KEYS });
    const accepted = await server.post(chat, body, { ...as(acme), prefer: 'respond-async' });
    const { urls } = (await accepted.json()) as { urls: { self: string } };
    expect((await server.get(urls.self, as(acme))).status).toBe(200);
    expect((await server.get(urls.self, as(globex))).status).toBe(404);
    expect(await (await server.get('/v1/jobs', as(globex))).json()).toMatchObject({ data: [] });

    const cacheable = { ...body, temperature: 0 };
    for (const outcome of ['fwd=miss', 'hit', 'hit']) {
      const own = await server.post(chat, cacheable, as(acme));
      expect(own.headers.get('cache-status')).toBe(`inference; ${outcome}`);
    }
    const other = await server.post(chat, cacheable, as(globex));
    expect(other.headers.get('cache-status')).toBe('inference; fwd=miss');
  });
});

describe('limits', () => {
  it('are said in every answer, failures too, and end in 429', async () => {
    server = await startTestServer({
      RATE_LIMIT_REQUESTS_PER_MINUTE: '3',
      PROVIDER_MAX_RETRIES: '0',
    });
    const left = (response: Response) => response.headers.get('x-ratelimit-remaining-requests');
    expect(left(await server.post(chat, body))).toBe('2');
    const failed = await server.post(chat, { ...body, model: 'mock-429' });
    expect([failed.status, left(failed)]).toEqual([429, '1']);
    const streamed = await server.post(chat, { ...body, stream: true });
    expect(left(streamed)).toBe('0');
    await streamed.text();

    const refused = await server.post('/v1/jobs', { type: 'chat.completion', request: body });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(left(await server.get('/v1/models'))).toBeNull();
  });

  it('charge the tokens that were used, and refuse when there are none left', async () => {
    server = await startTestServer({ RATE_LIMIT_TOKENS_PER_MINUTE: '1' });
    expect((await server.post(chat, body)).status).toBe(200);
    const refused = await server.post(chat, body);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-ratelimit-remaining-tokens')).toBe('0');
  });
});

describe('too many at once', () => {
  it('are turned away, while operations are answered and jobs are taken on', async () => {
    const provider = new FakeProvider();
    const release = provider.hold();
    const environment = { MAX_CONCURRENT_INFERENCES: '1', MAX_QUEUED_INFERENCES: '1' };
    server = await startTestServer(environment, { providers: { mock: provider } });
    const running = server.post(chat, body);
    await expect.poll(() => provider.calls).toBe(1);
    const waiting = server.post(chat, body);
    await expect.poll(metrics).toContain('inferences_queued 1');

    const shed = await server.post(chat, body);
    expect(shed.status).toBe(503);
    expect(shed.headers.get('retry-after')).toBe('1');
    expect(await shed.json()).toMatchObject({ error: { code: 'overloaded' } });
    expect(await metrics()).toContain('inferences_shed_total 1');
    expect((await server.get('/readyz')).status).toBe(200);
    expect((await server.post(chat, body, { prefer: 'respond-async' })).status).toBe(202);

    release();
    expect([(await running).status, (await waiting).status]).toEqual([200, 200]);
    await expect.poll(metrics).toContain('inferences_in_progress 0');
  });

  async function metrics(): Promise<string> {
    return (await server.get('/metrics')).text();
  }
});

describe('an Idempotency-Key', () => {
  const again = (response: Response) => response.headers.get('idempotent-replayed');

  it.each([
    ['JSON', body],
    ['a stream', { ...body, stream: true }],
  ])('gives the first answer again: %s', async (_what, request) => {
    const provider = new FakeProvider();
    server = await startTestServer({}, { providers: { mock: provider } });
    const headers = { 'idempotency-key': '"a-key"' };
    const first = await server.post(chat, request, headers);
    const text = await first.text();
    const second = await server.post(chat, request, headers);
    expect([again(first), again(second)]).toEqual([null, 'true']);
    expect(await second.text()).toBe(text);
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(provider.calls).toBe(1);
    expect((await server.post('/v1/embeddings', { model: 'm', input: 'x' }, headers)).status).toBe(
      422,
    );
  });

  it('is free again when its client has left', async () => {
    const provider = new FakeProvider();
    server = await startTestServer({}, { providers: { mock: provider } });
    provider.hold();
    const headers = { 'idempotency-key': 'left', 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const client = new AbortController();
    const left = fetch(server.url + chat, { ...init, signal: client.signal });
    await expect.poll(() => provider.calls).toBe(1);
    expect((await fetch(server.url + chat, init)).status).toBe(409);
    client.abort();
    await expect(left).rejects.toThrow();
    provider.gate = Promise.resolve();
    await expect.poll(async () => (await fetch(server.url + chat, init)).status).toBe(200);
    expect(provider.aborted).toBe(1);
  });
});
