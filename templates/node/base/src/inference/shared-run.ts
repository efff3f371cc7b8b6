import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import { endRun, type Delta, type Outcome, type Run } from './task.js';

type State =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly outcome: Outcome }
  | { readonly status: 'failed'; readonly error: unknown };

/**
 * One run that several callers read, each from its beginning and at its own pace. It advances as the quickest reader
 * asks for more, so a lone slow reader still holds the provider back. It is aborted when the last reader leaves.
 */
export class SharedRun {
  readonly #deltas: Delta[] = [];
  readonly #readers = new Set<symbol>();
  readonly #controller = new LightAbortController();
  readonly #run: Run;
  readonly #onEnd: () => void;
  #state: State = { status: 'running' };
  #step: Promise<void> | undefined;

  /** @param onEnd called once, when the run is over or abandoned */
  constructor(start: (signal: AbortSignalLike) => Run, onEnd: () => void) {
    this.#run = start(this.#controller.signal);
    this.#onEnd = onEnd;
  }

  /** Counts as a reader from this call on, until its run ends or its signal aborts. */
  join(signal: AbortSignalLike): Run {
    const reader = Symbol('reader');
    const leave = () => {
      signal.removeEventListener('abort', leave);
      this.#leave(reader);
    };
    this.#readers.add(reader);
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    return this.#read(signal, leave);
  }

  async *#read(signal: AbortSignalLike, leave: () => void): Run {
    try {
      for (let next = 0; ;) {
        signal.throwIfAborted();
        const delta = this.#deltas[next];
        if (delta !== undefined) {
          next += 1;
          yield delta;
        } else if (this.#state.status === 'done') {
          return this.#state.outcome;
        } else if (this.#state.status === 'failed') {
          throw this.#state.error;
        } else {
          await unlessAborted(this.#advance(), signal);
        }
      }
    } finally {
      leave();
    }
  }

  /** One step of the run, shared by all who wait for it. */
  #advance(): Promise<void> {
    this.#step ??= this.#run
      .next()
      .then(
        ({ done, value }) => {
          if (done === true) this.#end({ status: 'done', outcome: value });
          else this.#deltas.push(value);
        },
        (error: unknown) => {
          this.#end({ status: 'failed', error });
        },
      )
      .finally(() => {
        this.#step = undefined;
      });
    return this.#step;
  }

  #leave(reader: symbol): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0 || this.#state.status !== 'running') return;
    this.#end({ status: 'failed', error: new DOMException('Nobody waits any more', 'AbortError') });
    this.#controller.abort();
    // Ends a run that waits between two steps; one that is amid a step ends by the signal.
    endRun(this.#run).catch(() => undefined);
  }

  #end(state: State): void {
    if (this.#state.status !== 'running') return;
    this.#state = state;
    this.#onEnd();
  }
}

/** Stops waiting, though not the work, when the signal aborts. */
async function unlessAborted(work: Promise<void>, signal: AbortSignalLike): Promise<void> {
  if (signal.aborted) return;
  let stop: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal.addEventListener('abort', stop);
  await Promise.race([work, aborted]).finally(() => {
    signal.removeEventListener('abort', stop);
  });
}
