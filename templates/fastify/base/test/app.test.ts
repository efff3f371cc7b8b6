import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.js';
import { createBackend } from '../src/backend.js';
import { parseConfig } from '../src/config.js';
import { listOperations } from '../src/openapi/operations.js';

async function buildTestApp() {
  const backend = await createBackend(parseConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent' }));
  return buildApp(backend);
}

describe('the Fastify application', () => {
  it('serves every operation that the OpenAPI document names', async () => {
    const app = await buildTestApp();
    for (const { method, path } of listOperations(app.backend.tasks.values())) {
      const url = path.replace(/\{(\w+)\}/g, ':$1');
      expect(app.hasRoute({ url, method: method.toUpperCase() }), `${method} ${path}`).toBe(true);
    }
    await app.close();
  });

  it('shows its documentation, with all that the page loads', async () => {
    const app = await buildTestApp();
    const page = await app.inject('/docs');
    const assets = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, url = '']) => url);
    expect(assets.length).toBeGreaterThan(2);
    for (const url of [...assets, '/docs/json']) {
      expect((await app.inject(url)).statusCode, url).toBe(200);
    }
    const head = await app.inject({ method: 'HEAD', url: '/docs' });
    expect(head.headers['content-length']).toBe(page.headers['content-length']);
    expect((await app.inject('/docs/json')).json()).toEqual(
      (await app.inject('/openapi.json')).json(),
    );
    const { etag } = (await app.inject('/docs/static/swagger-ui.css')).headers;
    const again = await app.inject({
      url: '/docs/static/swagger-ui.css',
      headers: { 'if-none-match': etag },
    });
    expect(again.statusCode).toBe(304);
    expect(again.headers).not.toHaveProperty('content-length');
    const missing = await app.inject('/docs/static/missing.js');
    expect(missing.statusCode).toBe(404);
    expect(missing.json()).toMatchObject({ error: { code: 'not_found' } });
    await app.close();
  });

  it('refuses a method that a path does not have before it reads the body', async () => {
    const app = await buildTestApp();
    const response = await app.inject({
      method: 'PUT',
      url: '/v1/jobs',
      headers: { 'content-type': 'application/json' },
      payload: '{ not JSON',
    });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe('GET, HEAD, POST');
    await app.close();
  });

  it('waits no longer than a minute for a reader of a stream who takes nothing', async () => {
    const app = await buildTestApp();
    const connected = once(app.server, 'connection');
    const url = await app.listen({ port: 0 });
    const stream = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'mock-slow',
        messages: [{ role: 'user', content: 'Many words that come one by one.' }],
        stream: true,
      }),
    });
    const [socket] = (await connected) as [Socket];
    expect(socket.timeout).toBe(60_000);
    socket.emit('timeout');
    await expect(stream.text()).rejects.toThrow();
    await app.close();
  });

  it('says nothing of a failure that is its own', async () => {
    const app = await buildTestApp();
    app.backend.jobs.get = () => Promise.reject(new Error('secret detail'));
    const response = await app.inject('/v1/jobs/job_1');
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ error: { code: 'internal_error' } });
    expect(response.body).not.toContain('secret detail');
    await app.close();
  });
});
