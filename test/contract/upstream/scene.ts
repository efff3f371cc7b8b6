import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpstreamCall } from './call.js';

/** What the upstream does with one call. */
export type Script = (call: UpstreamCall) => Promise<void> | void;

/**
 * One test's own corner of the upstream. A call belongs to the scene whose model name stands in its path (as that of a
 * webhook), or anywhere in its body, so that tests never disturb one another.
 */
export class Scene {
  /** Unique; use it as the model's name, or write it into a prompt when the test cannot choose the model. */
  readonly model = `contract-${randomBytes(9).toString('hex')}`;
  readonly calls: UpstreamCall[] = [];
  readonly #scripts: Script[];

  /** The n-th call gets the n-th script; the last one serves every later call. */
  constructor(scripts: readonly [Script, ...Script[]]) {
    this.#scripts = [...scripts];
  }

  scriptFor(call: UpstreamCall): Script {
    this.calls.push(call);
    const script = this.#scripts[Math.min(this.calls.length, this.#scripts.length) - 1];
    if (script === undefined) throw new Error('A scene needs at least one script.');
    return script;
  }

  /** Waits until call number `index` (from 0) has arrived. */
  async call(index = 0, patience = 10_000): Promise<UpstreamCall> {
    const deadline = performance.now() + patience;
    for (;;) {
      const call = this.calls[index];
      if (call !== undefined) return call;
      if (performance.now() > deadline) {
        throw new Error(
          `The upstream was to get call number ${String(index + 1)} within ${String(patience)} ms; it got ${String(this.calls.length)}.`,
        );
      }
      await sleep(5);
    }
  }
}
