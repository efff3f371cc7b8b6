import { hc } from 'hono/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppType } from '../src/app.js';
import { listOperations } from '../src/openapi/operations.js';
import { createWebApp } from './support/web-app.js';

const chat = { model: 'mock', messages: [{ role: 'user', content: 'Hello' }] };

let web: Awaited<ReturnType<typeof createWebApp>>;
beforeEach(async () => {
  web = await createWebApp();
});
afterEach(() => web.backend.close());

function post(path: string, body: string, headers: Record<string, string> = {}) {
  const json = { 'content-type': 'application/json', ...headers };
  return web.request(path, { method: 'POST', headers: json, body });
}

describe('the Hono application', () => {
  it('serves every operation that the OpenAPI document names', () => {
    const served = web.app.routes.map(({ method, path }) => `${method} ${path}`);
    for (const { method, path } of listOperations(web.backend.tasks.values())) {
      const route = path.replace(/\{(\w+)\}/g, ':$1');
      expect(served).toContain(`${method.toUpperCase()} ${route}`);
    }
  });

  it('is served by the quickest of the routers', async () => {
    await web.request('/livez');
    expect(web.app.router.name).toBe('SmartRouter + RegExpRouter');
  });

  it('gives clients their types, of answers and of problems', async () => {
    const { v1 } = hc<AppType>('http://localhost', { fetch: web.request });
    const listed = await v1.models.$get();
    expect(listed.ok && (await listed.json()).data.map(({ id }) => id)).toContain('default');

    const json = { type: 'chat.completion', request: chat };
    const accepted = await v1.jobs.$post({ json });
    if (!accepted.ok) expect.fail((await accepted.json()).detail);
    const { id } = await accepted.json();
    const found = await v1.jobs[':id'].$get({ param: { id } });
    expect(found.ok && (await found.json()).type).toBe('chat.completion');
    const page = await v1.jobs.$get({ query: { limit: '1' } });
    expect(page.ok && (await page.json()).has_more).toBe(false);

    const missing = await v1.jobs[':id'].$get({ param: { id: 'job_0' } });
    expect(!missing.ok && (await missing.json()).error.code).toBe('job_not_found');
    expect((await v1.chat.completions.$post({ json: chat })).status).toBe(200);
  });

  it('streams without a server, too', async () => {
    const response = await post('/v1/chat/completions', JSON.stringify({ ...chat, stream: true }));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
  });

  it('shows its documentation, with all that the page loads', async () => {
    const page = await web.request('/docs');
    const html = await page.text();
    const assets = [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, url = '']) => url);
    expect(assets.length).toBeGreaterThan(2);
    for (const url of assets) {
      const asset = await web.request(url);
      expect(asset.status, url).toBe(200);
      expect(asset.headers.get('x-request-id'), url).toMatch(/^req_/);
      await asset.body?.cancel();
    }
    const head = await web.request('/docs', { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(html)));
    // The page that the package brings along loads from other hosts.
    for (const path of ['/docs/missing.js', '/docs/', '/docs/index.html', '/docs/package.json']) {
      const missing = await web.request(path);
      expect(missing.status, path).toBe(404);
      expect(await missing.json()).toMatchObject({ error: { code: 'not_found' } });
    }
  });

  it('refuses a method that a path does not have before it reads the body', async () => {
    const body = '{ not JSON';
    const headers = { 'content-type': 'application/json' };
    const response = await web.request('/v1/jobs', { method: 'PUT', headers, body });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    const events = await web.request('/v1/jobs/job_1/events', { method: 'HEAD' });
    expect([events.status, events.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('takes no more of a body than it may, and lets the rest pass', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 100) controller.close();
        else controller.enqueue(new Uint8Array(65_536));
      },
    });
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const init = { method: 'POST', headers, body: endless, duplex: 'half' as const };
    const response = await web.request('/v1/embeddings', init);
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(100);
    await expect.poll(() => sent).toBeGreaterThan(100);
  });

  it('says nothing of a failure that is its own', async () => {
    web.backend.jobs.get = () => Promise.reject(new Error('secret detail'));
    const response = await web.request('/v1/jobs/job_1');
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal_error' } });
    expect(text).not.toContain('secret detail');
  });
});
