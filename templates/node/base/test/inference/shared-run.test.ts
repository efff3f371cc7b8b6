import { describe, expect, it, vi } from 'vitest';
import type { AbortSignalLike } from '../../src/abort-signal.js';
import { SharedRun } from '../../src/inference/shared-run.js';
import type { Deltas, Outcome } from '../../src/inference/task.js';

const OUTCOME: Outcome = { body: '"all"', usage: null, complete: true };
const REPLAYED = { value: 'all', text: '"all"' };

/** Yields three deltas, and counts how many were taken. */
function startCounting(taken: { count: number; signal?: AbortSignalLike }) {
  return async function* (signal: AbortSignalLike): Deltas {
    taken.signal = signal;
    for (const value of ['a', 'b', 'c']) {
      await Promise.resolve();
      signal.throwIfAborted();
      taken.count += 1;
      yield { value, text: JSON.stringify(value) };
    }
    return OUTCOME;
  };
}

async function valuesOf(run: Deltas): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { value } of run) values.push(value);
  return values;
}

const options = (onEnd = vi.fn()) => ({ replay: () => [REPLAYED], onEnd });

describe('a shared run', () => {
  it('gives every reader everything, but runs once', async () => {
    const taken = { count: 0 };
    const shared = new SharedRun(startCounting(taken), options());
    const { signal } = new AbortController();
    const first = shared.join(signal).deltas();
    await first.next();
    const others = await Promise.all([valuesOf(shared.join(signal).deltas()), valuesOf(first)]);
    expect(others).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
    expect(taken.count).toBe(3);
  });

  it('goes no further than its quickest reader asks', async () => {
    const taken = { count: 0 };
    const shared = new SharedRun(startCounting(taken), options());
    await shared.join(new AbortController().signal).deltas().next();
    expect(taken.count).toBe(1);
  });

  it('goes on when one reader leaves, and is aborted when all have left', async () => {
    const taken: { count: number; signal?: AbortSignalLike } = { count: 0 };
    const onEnd = vi.fn();
    const shared = new SharedRun(startCounting(taken), options(onEnd));
    const [one, other] = [new AbortController(), new AbortController()];
    await shared.join(one.signal).deltas().next();
    shared.join(other.signal);
    one.abort();
    expect(taken.signal?.aborted).toBe(false);
    other.abort();
    expect(taken.signal?.aborted).toBe(true);
    expect(onEnd).toHaveBeenCalledOnce();
  });

  it('tells every reader of a failure', async () => {
    const failing = async function* (): Deltas {
      await Promise.resolve();
      yield* [];
      throw new Error('broken');
    };
    const shared = new SharedRun(failing, options());
    const { signal } = new AbortController();
    const readers = [shared.join(signal), shared.join(signal)].map((run) => run.outcome());
    const results = await Promise.allSettled(readers);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('gives its outcome to readers who do not look at deltas', async () => {
    const shared = new SharedRun(startCounting({ count: 0 }), options());
    expect(await shared.join(new AbortController().signal).outcome()).toBe(OUTCOME);
  });

  it('makes deltas of an answer that came whole', async () => {
    const shared = new SharedRun(() => Promise.resolve(OUTCOME), options());
    const { signal } = new AbortController();
    const [streamed, whole] = [shared.join(signal), shared.join(signal)];
    expect(await valuesOf(streamed.deltas())).toEqual(['all']);
    expect(await whole.outcome()).toBe(OUTCOME);
  });

  it('stops waiting when its reader leaves, though the work takes no notice', async () => {
    const shared = new SharedRun(() => new Promise(() => undefined), options());
    const client = new AbortController();
    const outcome = shared.join(client.signal).outcome();
    client.abort('gone');
    await expect(outcome).rejects.toBe('gone');
  });
});
