import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/errors.js';
import { HEARTBEAT_MS, STALLED_MS, type Frames } from '../../src/http/event-stream.js';
import { eventStreamBody } from '../../src/web/event-stream-body.js';

const limitStandstill = vi.fn();
const breakOff = vi.fn(() => Promise.resolve());
const onEnd = vi.fn<(callback: () => void) => void>();
const onFailure = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.clearAllMocks();
});

function open(frames: Frames) {
  const surroundings = { connection: { limitStandstill, breakOff, onEnd }, onFailure };
  const reader = eventStreamBody(frames, surroundings).getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  return { reader, read };
}

describe('the body of an event stream', () => {
  it('has every frame', async () => {
    const frames = async function* (): Frames {
      yield await Promise.resolve('first');
      return 'end';
    };
    const { reader, read } = open(frames());
    expect([await read(), await read()]).toEqual(['first', 'end']);
    expect((await reader.read()).done).toBe(true);
    expect(limitStandstill).toHaveBeenCalledWith(STALLED_MS);
  });

  it('is given up at once when the client has left before', async () => {
    onEnd.mockImplementationOnce((callback) => {
      callback();
    });
    const release = vi.fn();
    const frames = (async function* (): Frames {
      yield await Promise.resolve('first');
      return 'end';
    })();
    open({
      ...frames,
      next: () => frames.next(),
      return: release.mockResolvedValue(undefined),
    });
    await vi.waitFor(() => {
      expect(release).toHaveBeenCalledOnce();
    });
  });

  it('shows that it lives while it has nothing to say, and loses nothing by it', async () => {
    let say: (frame: string) => void = () => undefined;
    const late = new Promise<string>((resolve) => {
      say = resolve;
    });
    const frames = async function* (): Frames {
      yield await late;
      return 'end';
    };
    const { read } = open(frames());
    const comment = read();
    await vi.advanceTimersByTimeAsync(3 * HEARTBEAT_MS);
    expect(await comment).toBe(': keep-alive\n\n');
    expect(await read()).toBe(': keep-alive\n\n');
    const next = read();
    say('late');
    expect(await next).toBe('late');
    expect(await read()).toBe('end');
  });

  it('tells of a failure before it breaks', async () => {
    const error = new ApiError({ status: 502, code: 'broken', message: 'It broke.' });
    const frames = async function* (): Frames {
      yield 'first';
      await Promise.reject(error);
      return 'end';
    };
    const { read } = open(frames());
    expect(await read()).toBe('first');
    expect(await read()).toMatch(/^data: .*"code":"broken".*\n\n$/);
    expect(onFailure).toHaveBeenCalledWith(error);
    expect(breakOff).not.toHaveBeenCalled();
    await expect(read()).rejects.toBe(error);
    expect(breakOff).toHaveBeenCalledOnce();
  });

  it('produces no more than is read, and ends when it is left', async () => {
    let produced = 0;
    let isEnded = false;
    const frames = async function* (): Frames {
      try {
        for (;;) {
          produced += 1;
          yield await Promise.resolve('more');
        }
      } finally {
        isEnded = true;
      }
    };
    const { reader, read } = open(frames());
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(produced).toBe(0);
    expect(await read()).toBe('more');
    expect(produced).toBe(1);
    await reader.cancel();
    expect(isEnded).toBe(true);
    expect(onFailure).not.toHaveBeenCalled();
  });
});
