import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../src/inference/task.js';
import { registerTasks } from '../src/load-tasks.js';
import { startTestServer, type TestServer } from './support/test-server.js';

let server: TestServer;
afterEach(() => server.close());

describe('the Node server', () => {
  async function ask(path: string, headers = {}) {
    const { hostname, port } = new URL(server.url);
    const asked = get({ hostname, port, path, headers });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await json(response) };
  }

  it('answers what no web request can be made of', async () => {
    server = await startTestServer();
    const model = await ask('/v1/models/a\\b');
    expect(model).toMatchObject({ status: 200, body: { id: 'a\\b' } });
    const nothing = await ask('*');
    expect(nothing).toMatchObject({ status: 404, body: { detail: 'There is nothing at GET *.' } });
    const host = await ask('/livez', { host: 'a b', 'x-request-id': 'mine' });
    expect(host).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' }, instance: '/requests/mine' },
    });
    const metrics = await fetch(`${server.url}/metrics`);
    expect(await metrics.text()).toMatch(/_count\{method="GET",route="unmatched",status="400"\} 1/);
  });

  it('survives what is thrown and is no error', async () => {
    const odd = defineTask({
      name: 'odd',
      version: 1,
      description: 'Throws a text.',
      input: z.object({}),
      output: z.object({}),
      async run() {
        AbortSignal.abort('secret detail').throwIfAborted();
        return Promise.resolve({});
      },
    });
    server = await startTestServer({}, { tasks: registerTasks([odd]) });
    const response = await server.post('/v1/tasks/odd', {});
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret detail');
    expect((await server.get('/livez')).status).toBe(200);
  });
});
