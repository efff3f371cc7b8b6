import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventStreamBody } from '../../src/http/event-stream-body.js';
import { ApiError } from '../../src/errors.js';

const HEARTBEAT_MS = 1_000;

async function* framesOf(...frames: readonly (string | Promise<string>)[]) {
  for (const frame of frames) yield await frame;
}

describe('the body of an event stream', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is its frames, one at a time', async () => {
    const body = new EventStreamBody(framesOf('a', 'b'));
    expect(await body.toArray()).toEqual(['a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('shows that it lives while it has nothing to say, and loses nothing by it', async () => {
    let say: (frame: string) => void = () => undefined;
    const late = new Promise<string>((resolve) => {
      say = resolve;
    });
    const body = new EventStreamBody(framesOf('first', late), HEARTBEAT_MS);
    const reader = body[Symbol.asyncIterator]();
    expect((await reader.next()).value).toBe('first');
    const next = reader.next();
    vi.advanceTimersByTime(HEARTBEAT_MS);
    expect((await next).value).toBe(': keep-alive\n\n');
    say('late');
    expect((await reader.next()).value).toBe('late');
    expect((await reader.next()).done).toBe(true);
  });

  it('tells of a failure before it breaks', async () => {
    const failing = async function* () {
      yield 'first';
      await Promise.reject(new ApiError({ status: 502, code: 'broken', message: 'It broke.' }));
    };
    const said: unknown[] = [];
    await expect(async () => {
      for await (const frame of new EventStreamBody(failing())) said.push(frame);
    }).rejects.toThrow('It broke.');
    expect(said).toEqual(['first', expect.stringContaining('"code":"broken"')]);
  });

  it('ends its frames when it is left', async () => {
    let isEnded = false;
    const endless = async function* () {
      try {
        for (;;) yield await Promise.resolve('again');
      } finally {
        isEnded = true;
      }
    };
    for await (const frame of new EventStreamBody(endless())) {
      expect(frame).toBe('again');
      break;
    }
    await expect.poll(() => isEnded).toBe(true);
  });
});
