import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeProvider } from '../support/fake-provider.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

function post(server: TestServer, body: object, signal: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

async function collapsed(server: TestServer): Promise<number> {
  const metrics = await (await server.get('/metrics')).text();
  return Number(/result="collapsed"\} (\d+)/.exec(metrics)?.[1]);
}

const ask = (content: string, more: object = {}) => ({
  model: 'mock',
  messages: [{ role: 'user', content }],
  ...more,
});

describe('inference', () => {
  const provider = new FakeProvider();
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({}, { providers: { openai: provider } });
  });
  afterAll(() => server.close());

  it('answers a conversation', async () => {
    const response = await server.post('/v1/chat/completions', ask('hello'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Echo: hello' }, finish_reason: 'stop' }],
    });
  });

  it('streams an answer, up to [DONE]', async () => {
    const response = await server.post('/v1/chat/completions', ask('hello', { stream: true }));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const text = await response.text();
    expect(text).toContain('"content":" hello"');
    expect(text).not.toContain('usage');
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
  });

  it('ends a stream that was cut with an error, not in good order', async () => {
    const long = 'one two three four five';
    const body = ask(long, { model: 'mock-cut', stream: true });
    const response = await server.post('/v1/chat/completions', body);
    let text = '';
    const read = async () => {
      const decoder = new TextDecoder();
      for await (const bytes of response.body ?? []) text += decoder.decode(bytes as Uint8Array);
    };
    await expect(read()).rejects.toThrow();
    expect(text).toContain('data: {"error":');
    expect(text).not.toContain('[DONE]');
  });

  it('embeds', async () => {
    const response = await server.post('/v1/embeddings', { model: 'mock', input: ['a', 'b'] });
    const { data } = (await response.json()) as { data: { embedding: number[] }[] };
    expect(data.map(({ embedding }) => embedding.length)).toEqual([1536, 1536]);
  });

  it('runs a task of its own', async () => {
    const response = await server.post('/v1/tasks/summarize', { text: 'A long story.' });
    expect(await response.json()).toEqual({
      summary: 'Echo: A long story.',
      key_points: ['Echo: A long story.'],
    });
  });

  it('answers the same input from the cache', async () => {
    const body = ask('cached', { temperature: 0 });
    const first = await server.post('/v1/chat/completions', body);
    const second = await server.post('/v1/chat/completions', body);
    expect(first.headers.get('cache-status')).toBe('inference; fwd=miss');
    expect(second.headers.get('cache-status')).toBe('inference; hit');
    expect(await second.text()).toBe(await first.text());
  });
});

describe('inference in flight', () => {
  it('makes one call of many that are the same', async () => {
    const provider = new FakeProvider();
    const server = await startTestServer({}, { providers: { mock: provider } });
    const release = provider.hold();
    const body = ask('shared', { temperature: 0 });
    const answers = Array.from({ length: 10 }, () => server.post('/v1/chat/completions', body));
    await expect.poll(() => provider.calls).toBe(1);
    release();
    const texts = await Promise.all(answers.map(async (answer) => (await answer).text()));
    expect(new Set(texts).size).toBe(1);
    expect(provider.calls).toBe(1);
    await server.close();
  });

  it('goes on when one client leaves, and is aborted when all have left', async () => {
    const provider = new FakeProvider();
    const server = await startTestServer({}, { providers: { mock: provider } });
    provider.hold();
    const clients = [new AbortController(), new AbortController()];
    const body = ask('leaving', { temperature: 0 });
    const answers = clients.map(({ signal }) => post(server, body, signal));
    await expect.poll(() => provider.calls).toBe(1);
    await expect.poll(() => collapsed(server)).toBe(1);

    clients[0]?.abort();
    await expect(answers[0]).rejects.toThrow();
    await sleep(50);
    expect(provider.aborted).toBe(0);
    clients[1]?.abort();
    await expect(answers[1]).rejects.toThrow();
    await expect.poll(() => provider.aborted).toBe(1);
    await server.close();
  });

  it('is aborted amid its stream, too', async () => {
    const provider = new FakeProvider();
    const server = await startTestServer({}, { providers: { mock: provider } });
    provider.holdAfterFirstChunk();
    const client = new AbortController();
    const response = await post(server, ask('streaming', { stream: true }), client.signal);
    expect(response.status).toBe(200);
    client.abort();
    await expect.poll(() => provider.aborted).toBe(1);
    await server.close();
  });

  it('ends with its connection, also for requests that wait their turn on it', async () => {
    const provider = new FakeProvider();
    const server = await startTestServer({}, { providers: { mock: provider } });
    provider.hold();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const body = JSON.stringify(ask('pipelined'));
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write((head + body).repeat(3));
    await expect.poll(() => provider.calls).toBe(3);
    socket.destroy();
    await expect.poll(() => provider.aborted).toBe(3);
    await server.close();
  });
});
