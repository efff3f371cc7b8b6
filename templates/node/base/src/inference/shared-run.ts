import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import { endStream, type Delta, type Deltas, type Outcome, type Run } from './task.js';

/** What is run. */
export interface Work {
  /** Waits for its turn. */
  enter(signal: AbortSignalLike): Promise<void> | undefined;
  /** Begins, after it has entered. */
  start(signal: AbortSignalLike): Promise<Outcome> | Deltas;
  /** Keeps the outcome, before any reader has it. */
  keep(outcome: Outcome): Promise<void> | undefined;
  /** Called once when it is over, in one way or the other, if it has entered. */
  leave(): void;
  /** Makes deltas of an answer that came without. */
  replay(outcome: Outcome): Iterable<Delta>;
}

type State =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly outcome: Outcome }
  | { readonly status: 'failed'; readonly error: unknown };

/**
 * One run that several callers read, each from its beginning and at its own pace. It advances as the quickest reader
 * asks for more, so a lone slow reader still holds the provider back. It is aborted when the last reader leaves.
 */
export class SharedRun {
  readonly deltas: Delta[] = [];
  readonly #controller = new LightAbortController();
  readonly #onEnd: () => void;
  #state: State = { status: 'running' };
  #readers = 0;
  #hasEntered = false;
  #stream: Deltas | undefined;
  #step: Promise<void> | undefined;

  /** @param onEnd called once, when there is an outcome, or will be none */
  constructor(
    readonly work: Work,
    onEnd: () => void = () => undefined,
  ) {
    this.#onEnd = onEnd;
  }

  /** The caller counts as a reader from now on, until it has read all or its signal aborts. */
  join(signal: AbortSignalLike): Run {
    this.#readers += 1;
    return new Reader(this, signal);
  }

  get isRunning(): boolean {
    return this.#state.status === 'running';
  }

  /** Of a run that is over. */
  get outcome(): Outcome {
    if (this.#state.status === 'done') return this.#state.outcome;
    throw this.#state.status === 'failed' ? this.#state.error : new Error('The run is not over.');
  }

  /** Goes on by a step, which all who wait for it share. Does not reject: a failure is what the run comes to. */
  advance(): Promise<void> {
    const next = () => this.#stream?.next() ?? this.#begin();
    this.#step ??= next().then(this.#take, this.#fail);
    return this.#step;
  }

  /** To be called once by each reader. The last one aborts the work, if it is not over. */
  leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0 || !this.isRunning) return;
    const reason = new DOMException('Nobody waits any more', 'AbortError');
    this.#end({ status: 'failed', error: reason });
    this.#controller.abort(reason);
    this.#abandonStream();
  }

  async #begin(): Promise<IteratorResult<Delta, Outcome>> {
    const { signal } = this.#controller;
    const turn = this.work.enter(signal);
    if (turn !== undefined) await turn;
    this.#hasEntered = true;
    const started = this.work.start(signal);
    if (started instanceof Promise) return { done: true, value: await started };
    this.#stream = started;
    return started.next();
  }

  readonly #take = ({ done, value }: IteratorResult<Delta, Outcome>): Promise<void> | undefined => {
    if (done === true) return this.#finish(value);
    this.#step = undefined;
    this.deltas.push(value);
    if (!this.isRunning) this.#abandonStream();
    return undefined;
  };

  readonly #fail = (error: unknown): void => {
    this.#leaveWork();
    this.#end({ status: 'failed', error });
  };

  #finish(outcome: Outcome): Promise<void> | undefined {
    const end = () => {
      this.#leaveWork();
      this.#end({ status: 'done', outcome });
    };
    const kept = this.work.keep(outcome);
    if (kept !== undefined) return kept.then(end);
    end();
    return undefined;
  }

  /** One that waits between two steps does not notice that it was aborted. */
  #abandonStream(): void {
    if (this.#stream !== undefined) {
      endStream(this.#stream).then(this.#leaveWork, this.#leaveWork);
    }
  }

  readonly #leaveWork = (): void => {
    if (this.#hasEntered) this.work.leave();
    this.#hasEntered = false;
  };

  #end(state: State): void {
    if (!this.isRunning) return;
    this.#state = state;
    this.#onEnd();
  }
}

class Reader implements Run {
  #isReading = true;
  #wake: () => void = () => undefined;

  constructor(
    private readonly shared: SharedRun,
    private readonly signal: AbortSignalLike,
  ) {
    signal.addEventListener('abort', this.#leave);
    if (signal.aborted) this.#leave();
  }

  async outcome(): Promise<Outcome> {
    const { shared, signal } = this;
    try {
      signal.throwIfAborted();
      while (shared.isRunning) {
        await this.#wait(shared.advance());
        signal.throwIfAborted();
      }
      return shared.outcome;
    } finally {
      this.#leave();
    }
  }

  async *deltas(): Deltas {
    const { shared, signal } = this;
    try {
      for (let place = 0; ;) {
        signal.throwIfAborted();
        const delta = shared.deltas[place];
        if (delta !== undefined) {
          place += 1;
          yield delta;
        } else if (shared.isRunning) {
          await this.#wait(shared.advance());
        } else {
          const { outcome } = shared;
          if (place === 0) yield* shared.work.replay(outcome);
          return outcome;
        }
      }
    } finally {
      this.#leave();
    }
  }

  /** Stops waiting, though not the step, when the reader leaves. */
  #wait(step: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      void step.then(resolve);
    });
  }

  readonly #leave = (): void => {
    this.#wake();
    if (!this.#isReading) return;
    this.#isReading = false;
    this.signal.removeEventListener('abort', this.#leave);
    this.shared.leave();
  };
}
