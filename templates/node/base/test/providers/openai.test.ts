import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAIProvider } from '../../src/providers/openai.js';
import type { ChatChunks } from '../../src/providers/provider.js';
import { partsOf } from '../support/parts-of.js';
import { startUpstream } from '../support/upstream-server.js';

const config = {
  PROVIDER_CONNECT_TIMEOUT_MS: 10_000,
  PROVIDER_FIRST_BYTE_TIMEOUT_MS: 10_000,
  PROVIDER_TIMEOUT_MS: 20_000,
};
const request = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };
const CHUNK = '{"id":"c","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}';
const LAST = '{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A provider, and a call of a server that answers as the listener does. */
async function callOf(
  listener: RequestListener,
  signal = new AbortController().signal,
  timeouts: Partial<typeof config> = {},
) {
  const server = await startUpstream(listener);
  const provider = createOpenAIProvider({ ...config, ...timeouts }, () => 'secret');
  cleanUps.push(() => provider.close());
  cleanUps.push(() => {
    server.close();
  });
  const baseUrl = `${server.url}/v1`;
  const target = { provider: 'openai', model: 'm', baseUrl, apiKeyEnv: 'KEY' } as const;
  return { provider, call: { target, signal } };
}

async function textsOf(chunks: AsyncIterable<ChatChunks>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of partsOf(chunks)) texts.push(text);
  return texts;
}

function sse(...frames: string[]): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(frames.map((data) => `data: ${data}\n\n`).join(''));
  };
}

describe('the OpenAI provider', () => {
  it('passes on an answer to the byte, and sends the key', async () => {
    const body = '{ "choices": [{ "index": 0, "message": {}, "x": 12345678901234567890 }] }';
    let authorization: string | undefined;
    const { provider, call } = await callOf(({ headers }, response) => {
      authorization = headers.authorization;
      response.end(body);
    });
    expect((await provider.chat(request, call)).text).toBe(body);
    expect(authorization).toBe('Bearer secret');
  });

  it('streams chunks up to the end', async () => {
    const { provider, call } = await callOf(sse(CHUNK, LAST, '[DONE]'));
    expect(await textsOf(provider.chatStream(request, call))).toEqual([CHUNK, LAST]);
  });

  it.each([
    ['without [DONE]', [CHUNK, LAST]],
    ['without a finish reason', [CHUNK, '[DONE]']],
    ['with an error', [CHUNK, '{"error":{"message":"overloaded"}}']],
  ])('takes a stream %s for a failure, after what came before', async (_what, frames) => {
    const { provider, call } = await callOf(sse(...frames));
    const texts: string[] = [];
    const read = async () => {
      for await (const { text } of partsOf(provider.chatStream(request, call))) texts.push(text);
    };
    await expect(read()).rejects.toMatchObject({ status: 502 });
    expect(texts[0]).toBe(CHUNK);
  });

  it('reads what a stream says however it is cut into pieces and lines', async () => {
    const said = ['Grüße ', '🚲', 'a\u0301', ' "quoted"\n', '\u2028'].map((content) =>
      JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    );
    const events = [...said, LAST, '[DONE]'].map((data) => `data: ${data}\r\n\r\n`).join('');
    const { provider, call } = await callOf((_request, response) => {
      for (const byte of Buffer.from(`: hello\r\n\r\n${events}`)) response.write(Buffer.of(byte));
      response.end();
    });
    expect(await textsOf(provider.chatStream(request, call))).toEqual([...said, LAST]);
  });

  it('loses nothing of a stream that comes faster than it is read', async () => {
    const said = Array.from({ length: 30 }, (_, index) =>
      CHUNK.replace('"a"', JSON.stringify(String(index).repeat(40_000))),
    );
    const { provider, call } = await callOf(sse(...said, LAST, '[DONE]'));
    const texts: string[] = [];
    for await (const { text } of partsOf(provider.chatStream(request, call))) {
      texts.push(text);
      await sleep(1);
    }
    expect(texts.map((text) => text.length)).toEqual([...said, LAST].map((text) => text.length));
  });

  it.each([
    [400, 400],
    [401, 502],
    [404, 404],
    [429, 429],
    [500, 502],
    [503, 502],
  ])('answers %i of the provider with %i', async (status, expected) => {
    const { provider, call } = await callOf((_request, response) => {
      response.writeHead(status).end('{"error":{"message":"no","code":"some_code"}}');
    });
    await expect(provider.chat(request, call)).rejects.toMatchObject({ status: expected });
  });

  it('gives up on a provider that does not begin, or does not finish', async () => {
    const hasty = { PROVIDER_FIRST_BYTE_TIMEOUT_MS: 200, PROVIDER_TIMEOUT_MS: 400 };
    const silent = await callOf(() => undefined, undefined, hasty);
    const late = silent.provider.chat(request, silent.call);
    await expect(late).rejects.toMatchObject({ status: 504 });

    const begin: RequestListener = (_request, response) => response.write(`data: ${CHUNK}\n\n`);
    const endless = await callOf(begin, undefined, hasty);
    const chunks = textsOf(endless.provider.chatStream(request, endless.call));
    await expect(chunks).rejects.toMatchObject({ status: 504 });
  });

  it('calls again on the connection of a stream that came to its end', async () => {
    const ports = new Set<number | undefined>();
    const { provider, call } = await callOf(({ socket }, response) => {
      ports.add(socket.remotePort);
      response.write(`data: ${CHUNK}\n\ndata: ${LAST}\n\ndata: [DONE]\n\n`);
      setTimeout(() => response.end(), 5);
    });
    const calls = 10;
    for (let made = 0; made < calls; made += 1) {
      await textsOf(provider.chatStream(request, call));
      await sleep(20);
    }
    // On a busy machine the end of an answer may come later than the next call.
    expect(ports.size).toBeLessThan(calls / 2);
  });

  it('breaks off the call of a stream that its reader leaves', async () => {
    let hasClosed = false;
    const { provider, call } = await callOf((_request, response) => {
      response.write(`data: ${CHUNK}\n\n`);
      response.once('close', () => (hasClosed = true));
    });
    const chunks = provider.chatStream(request, call);
    await chunks.next();
    await chunks.return();
    await expect.poll(() => hasClosed).toBe(true);
  });

  it('breaks off the call when nobody waits any more', async () => {
    const controller = new AbortController();
    let whenClosed: Promise<unknown> = Promise.resolve();
    const { provider, call } = await callOf((_request, response) => {
      whenClosed = new Promise((resolve) => response.once('close', resolve));
      controller.abort();
    }, controller.signal);
    await expect(provider.chat(request, call)).rejects.toMatchObject({ name: 'AbortError' });
    await whenClosed;
  });
});
