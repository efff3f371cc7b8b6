import { describe, expect, it } from 'vitest';
import { LightAbortController, toAbortSignal } from '../src/abort-signal.js';

describe('a light abort controller', () => {
  it('tells whoever still listens, once, and why', () => {
    const controller = new LightAbortController();
    const heard: string[] = [];
    const gone = () => heard.push('gone');
    controller.addEventListener('abort', gone);
    controller.addEventListener('abort', () => heard.push(String(controller.reason)));
    controller.removeEventListener('abort', gone);
    controller.abort('first');
    controller.abort('second');
    controller.addEventListener('abort', () => heard.push('late'));
    expect(heard).toEqual(['first']);
    expect(() => {
      controller.throwIfAborted();
    }).toThrow('first');
  });

  it('has a real signal made of it, before its abort and after', () => {
    const controller = new LightAbortController();
    const early = toAbortSignal(controller);
    expect(early.aborted).toBe(false);
    controller.abort('reason');
    expect([early.reason, toAbortSignal(controller).reason]).toEqual(['reason', 'reason']);
    expect(toAbortSignal(early)).toBe(early);
  });
});
