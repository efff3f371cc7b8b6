import { describe, expect, it } from 'vitest';
import { listOperations } from '../../src/openapi/operations.js';
import { FakeProvider } from '../support/fake-provider.js';
import { startTestServer } from '../support/test-server.js';

describe('operations', () => {
  it('tell of health, metrics and the contract', async () => {
    const server = await startTestServer();
    expect((await server.get('/livez')).status).toBe(200);
    expect((await server.get('/readyz')).status).toBe(200);
    expect(await (await server.get('/metrics')).text()).toContain('# TYPE jobs gauge');
    expect((await server.get('/docs')).headers.get('content-type')).toMatch(/^text\/html/);
    const { paths } = (await (await server.get('/openapi.json')).json()) as { paths: object };
    expect(Object.keys(paths)).toContain('/v1/tasks/summarize');
    await server.close();
  });

  it('say of every call for jobs that what keeps them may be out of reach', () => {
    const calls = listOperations([]).filter(({ path }) => path.startsWith('/v1/jobs'));
    expect(calls).not.toHaveLength(0);
    for (const { id, problems } of calls) expect(problems, id).toContain(503);
  });

  it("keep a caller's own request id, when it is well formed", async () => {
    const server = await startTestServer();
    const idFor = async (id: string) =>
      (await server.get('/livez', { 'x-request-id': id })).headers.get('x-request-id');
    expect(await idFor('trace-1')).toBe('trace-1');
    expect(await idFor('not well formed')).toMatch(/^req_[0-9a-f]{32}$/);
    await server.close();
  });

  it('finish what is in flight before they stop, and take on nothing more', async () => {
    const provider = new FakeProvider();
    const environment = { SHUTDOWN_TIMEOUT_MS: '10000' };
    const server = await startTestServer(environment, { providers: { mock: provider } });
    const release = provider.hold();
    const body = { model: 'mock', messages: [{ role: 'user', content: 'Hello' }] };
    const answer = server.post('/v1/chat/completions', body);
    await expect.poll(() => provider.calls).toBe(1);

    const closed = server.close();
    await expect.poll(async () => (await server.get('/readyz')).status).toBe(503);
    expect((await server.get('/livez')).status).toBe(200);
    expect((await server.post('/v1/chat/completions', body)).status).toBe(503);

    release();
    expect((await answer).status).toBe(200);
    await closed;
    await expect(server.get('/livez')).rejects.toThrow();
  });

  it('end what takes too long to finish', async () => {
    const provider = new FakeProvider();
    const environment = { SHUTDOWN_TIMEOUT_MS: '100' };
    const server = await startTestServer(environment, { providers: { mock: provider } });
    provider.hold();
    const body = { model: 'mock', messages: [{ role: 'user', content: 'Hello' }] };
    const answer = server.post('/v1/chat/completions', body);
    const job = await server.post('/v1/chat/completions', body, { prefer: 'respond-async' });
    const { urls } = (await job.json()) as { urls: { events: string } };
    const events = server.get(urls.events).then((response) => response.text());
    await expect.poll(() => provider.calls).toBe(2);

    await server.close();
    expect((await answer).status).toBe(503);
    expect(provider.aborted).toBe(2);
    // The job waits for another worker; whoever reads its events has to come back for the rest.
    expect(await events).toMatch(/event: job\.queued\n.*\n\n$/);
  });
});
