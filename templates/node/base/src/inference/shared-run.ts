import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import { type Delta, type Deltas, type Outcome, type Run } from './task.js';

type State =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly outcome: Outcome }
  | { readonly status: 'failed'; readonly error: unknown };

export interface SharedRunOptions {
  /** Makes deltas of an answer that came without. */
  readonly replay: (outcome: Outcome) => Iterable<Delta>;
  /** Called once, when the run is over or abandoned. */
  readonly onEnd: () => void;
}

/**
 * One run that several callers read, each from its beginning and at its own pace. It advances as the quickest reader
 * asks for more, so a lone slow reader still holds the provider back. It is aborted when the last reader leaves.
 */
export class SharedRun {
  readonly #deltas: Delta[] = [];
  readonly #readers = new Set<symbol>();
  readonly #controller = new LightAbortController();
  readonly #source: Source;
  readonly #options: SharedRunOptions;
  #state: State = { status: 'running' };
  #step: Promise<void> | undefined;

  /** @param start the work, as a promise of its outcome or as a stream */
  constructor(
    start: (signal: AbortSignalLike) => Promise<Outcome> | Deltas,
    options: SharedRunOptions,
  ) {
    const work = start(this.#controller.signal);
    this.#source = work instanceof Promise ? withoutDeltas(work) : work;
    this.#options = options;
  }

  /** Counts as a reader from this call on, until it has read all or its signal aborts. */
  join(signal: AbortSignalLike): Run {
    const reader = Symbol('reader');
    const leave = () => {
      signal.removeEventListener('abort', leave);
      this.#leave(reader);
    };
    this.#readers.add(reader);
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    return {
      outcome: () => this.#readOutcome(signal, leave),
      deltas: () => this.#readDeltas(signal, leave),
    };
  }

  async #readOutcome(signal: AbortSignalLike, leave: () => void): Promise<Outcome> {
    try {
      while (this.#state.status === 'running') {
        signal.throwIfAborted();
        await unlessAborted(this.#advance(), signal);
      }
      return this.#outcome(signal);
    } finally {
      leave();
    }
  }

  async *#readDeltas(signal: AbortSignalLike, leave: () => void): Deltas {
    try {
      for (let next = 0; ;) {
        signal.throwIfAborted();
        const delta = this.#deltas[next];
        if (delta !== undefined) {
          next += 1;
          yield delta;
        } else if (this.#state.status === 'running') {
          await unlessAborted(this.#advance(), signal);
        } else {
          const outcome = this.#outcome(signal);
          if (next === 0) yield* this.#options.replay(outcome);
          return outcome;
        }
      }
    } finally {
      leave();
    }
  }

  /** Of a run that is over. */
  #outcome(signal: AbortSignalLike): Outcome {
    signal.throwIfAborted();
    if (this.#state.status === 'done') return this.#state.outcome;
    throw this.#state.status === 'failed' ? this.#state.error : new Error('The run is not over.');
  }

  /** One step of the run, shared by all who wait for it. Does not reject: a failure is what the run comes to. */
  #advance(): Promise<void> {
    this.#step ??= this.#source.next().then(
      ({ done, value }) => {
        this.#step = undefined;
        if (done === true) this.#end({ status: 'done', outcome: value });
        else this.#deltas.push(value);
      },
      (error: unknown) => {
        this.#step = undefined;
        this.#end({ status: 'failed', error });
      },
    );
    return this.#step;
  }

  #leave(reader: symbol): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0 || this.#state.status !== 'running') return;
    const reason = new DOMException('Nobody waits any more', 'AbortError');
    this.#end({ status: 'failed', error: reason });
    this.#controller.abort(reason);
    // Ends a stream that waits between two steps; one that is amid a step ends by the signal.
    this.#source.return(undefined as never).catch(() => undefined);
  }

  #end(state: State): void {
    if (this.#state.status !== 'running') return;
    this.#state = state;
    this.#options.onEnd();
  }
}

/** What a run is read from, step by step. */
type Source = Pick<Deltas, 'next' | 'return'>;

function withoutDeltas(outcome: Promise<Outcome>): Source {
  const last = outcome.then((value) => ({ done: true, value }) as const);
  // Readers are told of a failure when they ask.
  last.catch(() => undefined);
  return { next: () => last, return: () => last };
}

/** Stops waiting, though not the work, when the signal aborts. */
function unlessAborted(work: Promise<void>, signal: AbortSignalLike): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    signal.addEventListener('abort', stop);
    void work.then(stop);
  });
}
