import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('problems', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ BODY_LIMIT_BYTES: '10000', PROVIDER_MAX_RETRIES: '0' });
  });
  afterAll(() => server.close());

  const chat = (init: RequestInit) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...init,
    });

  it.each([
    ['malformed JSON', 400, 'invalid_json', { body: '{' }],
    ['a body that is not of the schema', 400, 'invalid_request', { body: '{"model":"m"}' }],
    ['a body that is too large', 413, 'payload_too_large', { body: 'x'.repeat(20_000) }],
    ['JSON that is nested too deeply', 400, 'invalid_request', { body: '['.repeat(5_000) }],
    ['another content type', 415, 'unsupported_media_type', { headers: {}, body: 'text' }],
    ['another method', 405, 'method_not_allowed', { method: 'PUT' }],
  ])('say what is wrong with %s', async (_what, status, code, init) => {
    const response = await chat(init);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await response.json()) as { error: object; instance: string };
    expect(problem).toMatchObject({ status, error: { code } });
    expect(Object.keys(problem.error).sort()).toEqual(['code', 'message', 'param', 'type']);
    expect(problem.instance).toBe(`/requests/${response.headers.get('x-request-id') ?? ''}`);
  });

  it('name the field at fault', async () => {
    const response = await chat({ body: '{"model":"m","messages":[{"content":"x"}]}' });
    expect(await response.json()).toMatchObject({ error: { param: 'messages.0.role' } });
  });

  it('answer an unknown path', async () => {
    const response = await server.get('/nowhere');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
  });

  it("pass on the provider's failures in this service's own terms", async () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    const statusOf = async (model: string) =>
      (await server.post('/v1/chat/completions', { model, messages })).status;
    expect(await statusOf('mock-429')).toBe(429);
    expect(await statusOf('mock-500')).toBe(502);
  });

  it('say when a provider that is down may be asked again', async () => {
    const body = { model: 'mock-500', input: 'Hello' };
    const ask = () => server.post('/v1/embeddings', body);
    let response = await ask();
    while (response.status === 502) response = await ask();
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ error: { code: 'provider_unavailable' } });
  });
});
