import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import { endStream, type Delta, type Deltas, type Outcome, type Run } from './task.js';

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
  #readers = 0;
  readonly #controller = new LightAbortController();
  /** Undefined where the run has no deltas. */
  readonly #stream: Deltas | undefined;
  /** Goes on by a step, which all who wait for it share. Does not reject: a failure is what the run comes to. */
  readonly #advance: () => Promise<void>;
  readonly #options: SharedRunOptions;
  #state: State = { status: 'running' };
  #step: Promise<void> | undefined;

  /** @param start the work, as a promise of its outcome or as a stream */
  constructor(
    start: (signal: AbortSignalLike) => Promise<Outcome> | Deltas,
    options: SharedRunOptions,
  ) {
    this.#options = options;
    const work = start(this.#controller.signal);
    if (work instanceof Promise) {
      const end = work.then(this.#succeed, this.#fail);
      this.#advance = () => end;
    } else {
      this.#stream = work;
      this.#advance = () => (this.#step ??= this.#takeStep(work));
    }
  }

  /** Counts as a reader from this call on, until it has read all or its signal aborts. */
  join(signal: AbortSignalLike): Run {
    let isReading = true;
    const leave = () => {
      signal.removeEventListener('abort', leave);
      if (isReading) this.#leave();
      isReading = false;
    };
    this.#readers += 1;
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

  #takeStep(stream: Deltas): Promise<void> {
    return stream.next().then(
      ({ done, value }) => {
        this.#step = undefined;
        if (done === true) this.#succeed(value);
        else this.#deltas.push(value);
      },
      (error: unknown) => {
        this.#step = undefined;
        this.#fail(error);
      },
    );
  }

  #leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0 || this.#state.status !== 'running') return;
    const reason = new DOMException('Nobody waits any more', 'AbortError');
    this.#fail(reason);
    this.#controller.abort(reason);
    // Ends a stream that waits between two steps; one that is amid a step ends by the signal.
    if (this.#stream !== undefined) endStream(this.#stream).catch(() => undefined);
  }

  readonly #succeed = (outcome: Outcome): void => {
    this.#end({ status: 'done', outcome });
  };

  readonly #fail = (error: unknown): void => {
    this.#end({ status: 'failed', error });
  };

  #end(state: State): void {
    if (this.#state.status !== 'running') return;
    this.#state = state;
    this.#options.onEnd();
  }
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
