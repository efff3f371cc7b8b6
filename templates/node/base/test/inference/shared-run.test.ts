import { describe, expect, it, vi } from 'vitest';
import type { AbortSignalLike } from '../../src/abort-signal.js';
import { SharedRun, type Work } from '../../src/inference/shared-run.js';
import type { Deltas, Outcome, Run } from '../../src/inference/task.js';
import { mapStream } from '../../src/stream.js';
import { partsOf } from '../support/parts-of.js';

const OUTCOME: Outcome = { body: '"all"', usage: null, complete: true };
const REPLAYED = { text: '"all"' };

/** Yields three deltas, and counts how many were taken. */
function startCounting(taken: { count: number; signal?: AbortSignalLike }) {
  return async function* (signal: AbortSignalLike): Deltas {
    taken.signal = signal;
    for (const text of ['"a"', '"b"', '"c"']) {
      await Promise.resolve();
      signal.throwIfAborted();
      taken.count += 1;
      yield [{ text }];
    }
    return OUTCOME;
  };
}

async function valuesOf(run: Deltas): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { text } of partsOf(run)) values.push(JSON.parse(text));
  return values;
}

function workOf(start: Work['start']) {
  const enter = () => undefined;
  const keep = () => Promise.resolve();
  return { start, enter, keep, leave: vi.fn(), replay: () => [REPLAYED] } satisfies Work;
}

describe('a shared run', () => {
  it('gives every reader everything, but runs once', async () => {
    const taken = { count: 0 };
    const shared = new SharedRun(workOf(startCounting(taken)));
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
    const shared = new SharedRun(workOf(startCounting(taken)));
    await shared.join(new AbortController().signal).deltas().next();
    expect(taken.count).toBe(1);
  });

  it('goes on when one reader leaves, and is aborted when all have left', async () => {
    const taken: { count: number; signal?: AbortSignalLike } = { count: 0 };
    const onEnd = vi.fn();
    const shared = new SharedRun(workOf(startCounting(taken)), onEnd);
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
    const shared = new SharedRun(workOf(failing));
    const { signal } = new AbortController();
    const readers = [shared.join(signal), shared.join(signal)].map((run) => run.outcome());
    const results = await Promise.allSettled(readers);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('gives its outcome to readers who do not look at deltas', async () => {
    const shared = new SharedRun(workOf(startCounting({ count: 0 })));
    expect(await shared.join(new AbortController().signal).outcome()).toBe(OUTCOME);
  });

  it('makes deltas of an answer that came whole', async () => {
    const shared = new SharedRun(workOf(() => Promise.resolve(OUTCOME)));
    const { signal } = new AbortController();
    const [streamed, whole] = [shared.join(signal), shared.join(signal)];
    expect(await valuesOf(streamed.deltas())).toEqual(['all']);
    expect(await whole.outcome()).toBe(OUTCOME);
  });

  it('stops waiting when its reader leaves, though the work takes no notice', async () => {
    const shared = new SharedRun(workOf(() => new Promise(() => undefined)));
    const client = new AbortController();
    const outcome = shared.join(client.signal).outcome();
    client.abort('gone');
    await expect(outcome).rejects.toBe('gone');
  });

  it('leaves its work once, however it ends', async () => {
    const stubborn = async function* (): Deltas {
      for (;;) yield [await Promise.resolve(REPLAYED)];
    };
    const outcomeOf = (run: Run) => run.outcome().catch(() => undefined);
    const firstOf = (run: Run) => run.deltas().next();
    const cases: [Work['start'], (run: Run, client: AbortController) => unknown][] = [
      [() => Promise.resolve(OUTCOME), outcomeOf],
      [() => Promise.reject(new Error('broken')), outcomeOf],
      [startCounting({ count: 0 }), (run) => valuesOf(run.deltas())],
      // Left between two steps, and amid one, by a client who goes away below.
      [stubborn, firstOf],
      [stubborn, (run) => void firstOf(run).catch(() => undefined)],
      // By one who goes away when it is told of a step.
      [
        stubborn,
        (run, client) => mapStream(run.deltas(), client.abort.bind(client), String).next(),
      ],
    ];
    for (const [start, read] of cases) {
      const work = workOf(start);
      const client = new AbortController();
      await read(new SharedRun(work).join(client.signal), client);
      client.abort();
      await expect.poll(() => work.leave.mock.calls.length).toBe(1);
    }
  });

  it('has nothing to leave when it was not let in', async () => {
    const refused = {
      ...workOf(startCounting({ count: 0 })),
      enter: () => Promise.reject(new Error('full')),
    };
    const run = new SharedRun(refused).join(new AbortController().signal);
    await expect(run.outcome()).rejects.toThrow('full');
    expect(refused.leave).not.toHaveBeenCalled();
  });
});
