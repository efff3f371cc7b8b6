import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/errors.js';
import type { Frames } from '../../src/http/event-stream.js';
import { Exchange } from '../../src/http/exchange.js';
import { sendEventStream } from '../../src/http/send-event-stream.js';
import { Lifecycle } from '../../src/lifecycle.js';
import { startUpstream } from '../support/upstream-server.js';

const HEARTBEAT_MS = 1_000;

const cleanUps: (() => unknown)[] = [];

async function* framesOf(...frames: readonly (string | Promise<string>)[]): Frames {
  for (const frame of frames) yield await frame;
  return 'end';
}

/** A client that reads what a server sends, and what the sending comes to. */
async function send(frames: Frames) {
  let sent: Promise<unknown> = Promise.resolve();
  let received: ServerResponse | undefined;
  const server = await startUpstream((_request, response) => {
    received = response;
    const onEnd = (callback: () => void) => response.once('close', callback);
    sent = sendEventStream({ response, onEnd }, frames, HEARTBEAT_MS).catch(
      (error: unknown) => error,
    );
  });
  cleanUps.push(() => {
    server.close();
  });
  const { body } = await fetch(server.url);
  if (body === null) throw new Error('The answer has no body.');
  const response = () => received ?? expect.fail('There is no response yet.');
  return { reader: body.pipeThrough(new TextDecoderStream()).getReader(), sent, response };
}

describe('an event stream', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
  });

  it('is sent frame by frame, up to the last', async () => {
    let say: (frame: string) => void = () => undefined;
    const second = new Promise<string>((resolve) => {
      say = resolve;
    });
    const { reader, sent } = await send(framesOf('first', second));
    expect((await reader.read()).value).toBe('first');
    say('zwé 🚲');
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value;
    expect(rest).toBe('zwé 🚲end');
    expect(await sent).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('shows that it lives while it has nothing to say, and loses nothing by it', async () => {
    let say: (frame: string) => void = () => undefined;
    const late = new Promise<string>((resolve) => {
      say = resolve;
    });
    const { reader } = await send(framesOf('first', late));
    expect((await reader.read()).value).toBe('first');
    vi.advanceTimersByTime(HEARTBEAT_MS);
    expect((await reader.read()).value).toBe(': keep-alive\n\n');
    say('late');
    expect((await reader.read()).value).toMatch(/^late/);
  });

  it('tells of a failure before it breaks', async () => {
    const failing = async function* (): Frames {
      yield 'first';
      await Promise.reject(new ApiError({ status: 502, code: 'broken', message: 'It broke.' }));
      return 'end';
    };
    const { reader, sent } = await send(failing());
    let said = '';
    const read = async () => {
      for (;;) said += (await reader.read()).value ?? '';
    };
    await expect(read()).rejects.toThrow();
    expect(said).toMatch(/^firstdata: .*"code":"broken".*\n\n$/);
    expect(await sent).toMatchObject({ message: 'It broke.' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('listens to its connection once, however often it waits for the reader', async () => {
    let listeners = 0;
    const frames = async function* (): Frames {
      for (let count = 0; count < 100; count += 1) yield await Promise.resolve('x'.repeat(65_536));
      listeners = response().listenerCount('close');
      return 'end';
    };
    const { reader, sent, response } = await send(frames());
    while (!(await reader.read()).done);
    await sent;
    expect(listeners).toBeLessThan(10);
  });

  it('produces no more than is read, and ends when it is left', async () => {
    let produced = 0;
    let isEnded = false;
    const endless = async function* (): Frames {
      try {
        for (;;) {
          produced += 1;
          yield await Promise.resolve('x'.repeat(65_536));
        }
      } finally {
        isEnded = true;
      }
    };
    const { reader, sent } = await send(endless());
    let before = -1;
    while (before !== produced) {
      before = produced;
      await sleep(100);
    }
    for (let bytes = 0; bytes < 65_536 * before;) bytes += (await reader.read()).value?.length ?? 0;
    await expect.poll(() => produced).toBeGreaterThan(before);
    await reader.cancel();
    await expect.poll(() => isEnded).toBe(true);
    expect(await sent).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with its connection, also where it waits behind another answer', async () => {
    let ended = 0;
    const endless = async function* (): Frames {
      try {
        for (;;) yield await Promise.resolve('x'.repeat(65_536));
      } finally {
        ended += 1;
      }
    };
    const sent: Promise<void>[] = [];
    const server = await startUpstream((_request, response) => {
      const exchange = new Exchange(response, { lifecycle: new Lifecycle(), tracer: null });
      sent.push(sendEventStream(exchange, endless(), HEARTBEAT_MS));
    });
    cleanUps.push(() => {
      server.close();
    });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2));
    await expect.poll(() => sent.length).toBe(2);
    socket.destroy();
    await Promise.all(sent);
    expect(ended).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
