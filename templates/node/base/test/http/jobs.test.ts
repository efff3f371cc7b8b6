import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeProvider } from '../support/fake-provider.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

interface JobBody {
  readonly id: string;
  readonly status: string;
  readonly result: unknown;
  readonly urls: { readonly self: string; readonly events: string; readonly cancel: string };
}

const body = { model: 'mock', messages: [{ role: 'user', content: 'Hello' }] };
const wait = { prefer: 'wait=5' };

describe('jobs', () => {
  const provider = new FakeProvider();
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ JOB_CONCURRENCY: '1' }, { providers: { mock: provider } });
  });
  beforeEach(() => {
    provider.gate = Promise.resolve();
  });
  afterAll(() => server.close());

  async function submit(more: object = {}): Promise<JobBody> {
    const response = await server.post(
      '/v1/chat/completions',
      { ...body, ...more },
      {
        prefer: 'respond-async',
      },
    );
    expect(response.status).toBe(202);
    const job = (await response.json()) as JobBody;
    expect(response.headers.get('location')).toBe(job.urls.self);
    return job;
  }

  async function read(path: string, headers?: Record<string, string>): Promise<JobBody> {
    return (await (await server.get(path, headers)).json()) as JobBody;
  }

  it('end with what the synchronous route answers', async () => {
    const { urls } = await submit();
    const { status, result } = await read(urls.self, wait);
    expect(status).toBe('completed');
    const answer = await server.post('/v1/chat/completions', body);
    expect(result).toEqual(await answer.json());
  });

  it('tell what happened from where a reader left off', async () => {
    const { urls } = await submit({ stream: true });
    await read(urls.self, wait);
    const all = await (await server.get(urls.events)).text();
    const ids = [...all.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(ids.map((_id, index) => index + 1));
    expect(all).toContain('event: job.delta');
    const rest = await (await server.get(urls.events, { 'last-event-id': '2' })).text();
    expect(rest).toContain(all.slice(all.indexOf('id: 3\n')));
    expect(rest).not.toContain('id: 2\n');
    const nothing = await server.get(urls.events, { 'last-event-id': String(ids.length) });
    expect(nothing.status).toBe(204);
  });

  it('are aborted when they are cancelled', async () => {
    provider.hold();
    const before = provider.aborted;
    const { urls } = await submit();
    await expect.poll(async () => (await read(urls.self)).status).toBe('in_progress');
    expect((await server.post(urls.cancel, {})).status).toBe(202);
    expect((await read(urls.self, wait)).status).toBe('cancelled');
    expect(provider.aborted).toBe(before + 1);
    expect((await server.post(urls.cancel, {})).status).toBe(200);
  });

  it('are waited for no longer than was asked, whatever garbage is collected meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const release = provider.hold();
    const { urls } = await submit();
    const answer = read(urls.self, { prefer: 'wait=1' });
    const collecting = setInterval(collectGarbage, 100);
    expect((await answer).status).toBe('in_progress');
    clearInterval(collecting);
    release();
    expect((await read(urls.self, wait)).status).toBe('completed');
  });

  it('expire when nobody came to them in time', async () => {
    const release = provider.hold();
    await submit();
    const response = await server.post('/v1/jobs', {
      type: 'chat.completion',
      request: body,
      deadline_seconds: 0.05,
    });
    const { urls } = (await response.json()) as JobBody;
    expect((await read(urls.self, wait)).status).toBe('expired');
    release();
  });

  it('fail when their deadline passes while they run', async () => {
    provider.hold();
    const response = await server.post('/v1/jobs', {
      type: 'chat.completion',
      request: body,
      deadline_seconds: 0.2,
    });
    const { urls } = (await response.json()) as JobBody;
    expect(await read(urls.self, wait)).toMatchObject({
      status: 'failed',
      error: { code: 'deadline_exceeded' },
    });
  });

  it('can be deleted once they have ended', async () => {
    const release = provider.hold();
    const { urls } = await submit();
    const remove = () => fetch(server.url + urls.self, { method: 'DELETE' });
    expect((await remove()).status).toBe(409);
    release();
    await read(urls.self, wait);
    expect((await remove()).status).toBe(204);
    expect((await server.get(urls.self)).status).toBe(404);
  });

  it('are listed page by page, the newest first', async () => {
    const newest = await submit();
    const first = (await (await server.get('/v1/jobs?limit=2')).json()) as {
      data: JobBody[];
      next_cursor: string;
    };
    expect(first.data[0]?.id).toBe(newest.id);
    const second = (await (await server.get(`/v1/jobs?cursor=${first.next_cursor}`)).json()) as {
      data: JobBody[];
    };
    const ids = [...first.data, ...second.data].map(({ id }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
