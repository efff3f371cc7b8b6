import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAppServer } from '../src/app-server.js';
import { createApp } from '../src/app.js';
import { createBackend, type Backend } from '../src/backend.js';
import { parseConfig } from '../src/config.js';
import { listOperations } from '../src/openapi/operations.js';

describe('the Express application', () => {
  let backend: Backend;
  let server: Server;
  let url: string;

  beforeEach(async () => {
    const environment = { NODE_ENV: 'test', LOG_LEVEL: 'silent', BODY_LIMIT_BYTES: '10000' };
    backend = await createBackend(parseConfig(environment));
    server = createAppServer(createApp(backend)).listen(0);
    await once(server, 'listening');
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
    await backend.close();
  });

  it('serves every operation that the OpenAPI document names, and says so of each path', async () => {
    for (const { method, path } of listOperations(backend.tasks.values())) {
      const response = await fetch(url + path.replace(/\{\w+\}/g, 'some'), { method: 'PATCH' });
      expect(response.status, path).toBe(405);
      expect(response.headers.get('allow')?.split(', '), path).toContain(method.toUpperCase());
    }
  });

  it('shows its documentation, with all that the page loads and nothing else', async () => {
    const page = await fetch(`${url}/docs`);
    const html = await page.text();
    const assets = [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(assets.length).toBeGreaterThan(2);
    for (const path of assets) expect((await fetch(url + path)).status, path).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");

    const style = await fetch(`${url}/docs/swagger-ui.css`);
    const again = await fetch(`${url}/docs/swagger-ui.css`, {
      // Where it is not said, fetch says `no-cache`.
      headers: { 'if-none-match': style.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    });
    expect(again.status).toBe(304);
    for (const path of ['/docs/index.html', '/docs/package.json', '/docs/nowhere']) {
      const missing = await fetch(url + path);
      expect(missing.status, path).toBe(404);
      expect(await missing.json()).toMatchObject({ error: { code: 'not_found' } });
    }
  });

  it('refuses a method that a path does not have before it reads the body', async () => {
    const response = await fetch(`${url}/v1/jobs`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{ not JSON',
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('answers a body that is too large while it comes, and keeps the connection', async () => {
    const socket = connect(Number(new URL(url).port));
    const length = 1_000_000;
    socket.write(
      `POST /v1/embeddings HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.write('x'.repeat(length));
    socket.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
    const [next] = (await once(socket, 'data')) as [Buffer];
    expect(next.toString()).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('notes the template of a route, also of one that fails', async () => {
    await fetch(`${url}/v1/jobs/job_1/events`);
    await fetch(`${url}/v1/jobs?limit=0`);
    await fetch(`${url}/v1/nowhere`);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('route="/v1/jobs/:id/events",status="404"');
    expect(metrics).toContain('route="/v1/jobs",status="400"');
    expect(metrics).toContain('route="unmatched",status="404"');
  });

  it('waits no longer than a minute for a reader of a stream who takes nothing', async () => {
    const connected = once(server, 'connection');
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
  });

  it('says nothing of a failure that is its own', async () => {
    backend.jobs.get = () => Promise.reject(new Error('secret detail'));
    const response = await fetch(`${url}/v1/jobs/job_1`);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal_error' } });
    expect(text).not.toContain('secret detail');
  });

  it('has nothing of what Express adds by itself', async () => {
    const { headers } = await fetch(`${url}/livez`);
    expect([...headers.keys()].sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'date',
      'keep-alive',
      'x-request-id',
    ]);
  });
});
