import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import { SteppedStream } from '../stream.js';
import type { Delta, Deltas, Outcome, Run } from './task.js';

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

type Step = IteratorResult<readonly Delta[], Outcome>;

type State =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly outcome: Outcome }
  | { readonly status: 'failed'; readonly error: unknown };

/**
 * One run that several callers read, each from its beginning and at its own pace. It advances as the quickest reader
 * asks for more, so a lone slow reader still holds the provider back. It is aborted when the last reader leaves.
 */
export class SharedRun {
  readonly #controller = new LightAbortController();
  readonly #onEnd: () => void;
  #state: State = { status: 'running' };
  /** Mostly one. */
  readonly #readers: Reader[] = [];
  #deltas: Delta[] = [];
  #hasEntered = false;
  #stream: Deltas | undefined;
  /** For good, once it is over. */
  #isAdvancing = false;

  /** @param onEnd called once, when there is an outcome, or will be none */
  constructor(
    readonly work: Work,
    onEnd: () => void = () => undefined,
  ) {
    this.#onEnd = onEnd;
  }

  /** The caller counts as a reader from now on, until it has read all or its signal aborts. */
  join(signal: AbortSignalLike): Run {
    const reader = new Reader(this, signal);
    this.#readers.push(reader);
    if (signal.aborted) this.leave(reader);
    return reader;
  }

  get isRunning(): boolean {
    return this.#state.status === 'running';
  }

  /** Of a run that is over. */
  get outcome(): Outcome {
    if (this.#state.status === 'done') return this.#state.outcome;
    throw this.#state.status === 'failed' ? this.#state.error : new Error('The run is not over.');
  }

  get deltaCount(): number {
    return this.#deltas.length;
  }

  /** Those that are there already, but for the first so many. An answer that came without is made into some. */
  deltasFrom(place: number): readonly Delta[] {
    if (this.#state.status === 'done' && this.#deltas.length === 0)
      this.#deltas = [...this.work.replay(this.#state.outcome)];
    return this.#deltas.slice(place);
  }

  /** Goes on by a step, unless it does so already. All readers are woken when it is done. */
  advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    const step = this.#stream?.next() ?? this.#begin();
    step.then(this.#take, this.#fail);
  }

  /** Does nothing for a reader who has left already. The last one aborts the work, if it is not over. */
  leave(reader: Reader): void {
    const place = this.#readers.indexOf(reader);
    if (place < 0) return;
    this.#readers.splice(place, 1);
    if (this.#readers.length > 0 || !this.isRunning) return;
    const reason = new DOMException('Nobody waits any more', 'AbortError');
    this.#end({ status: 'failed', error: reason });
    this.#controller.abort(reason);
    // One that waits between two steps does not notice that it was aborted.
    if (!this.#isAdvancing) this.#abandonStream();
  }

  async #begin(): Promise<Step> {
    const { signal } = this.#controller;
    const turn = this.work.enter(signal);
    if (turn !== undefined) await turn;
    this.#hasEntered = true;
    const started = this.work.start(signal);
    if (started instanceof Promise) return { done: true, value: await started };
    this.#stream = started;
    return started.next();
  }

  readonly #take = ({ done, value }: Step): Promise<void> | undefined => {
    if (done === true) return this.#finish(value);
    this.#isAdvancing = false;
    this.#deltas.push(...value);
    if (this.isRunning) this.#wakeReaders();
    else this.#abandonStream();
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

  #abandonStream(): void {
    this.#stream?.return().then(this.#leaveWork, this.#leaveWork);
  }

  readonly #leaveWork = (): void => {
    if (this.#hasEntered) this.work.leave();
    this.#hasEntered = false;
  };

  #end(state: State): void {
    if (!this.isRunning) return;
    this.#state = state;
    this.#onEnd();
    this.#wakeReaders();
  }

  #wakeReaders(): void {
    for (const reader of this.#readers) reader.wake();
  }
}

class Reader implements Run {
  /** Goes on where it waits. */
  wake: () => void = () => undefined;
  /** How many deltas it has read. */
  #place = 0;

  constructor(
    private readonly shared: SharedRun,
    private readonly signal: AbortSignalLike,
  ) {
    signal.addEventListener('abort', this.#leave);
  }

  async outcome(): Promise<Outcome> {
    const { shared, signal } = this;
    try {
      signal.throwIfAborted();
      while (shared.isRunning) {
        await this.#progress();
        signal.throwIfAborted();
      }
      return shared.outcome;
    } finally {
      this.#leave();
    }
  }

  deltas(): Deltas {
    const next = () => (this.#hasNews ? Promise.resolve() : this.#progress()).then(this.#step);
    return new SteppedStream(next, this.#leave);
  }

  get #hasNews(): boolean {
    const { shared, signal } = this;
    return signal.aborted || !shared.isRunning || shared.deltaCount > this.#place;
  }

  readonly #step = (): Step | Promise<Step> => {
    const { shared, signal } = this;
    try {
      signal.throwIfAborted();
      const deltas = shared.deltasFrom(this.#place);
      this.#place += deltas.length;
      if (deltas.length > 0) return { done: false, value: deltas };
      if (shared.isRunning) return this.#progress().then(this.#step);
      const { outcome } = shared;
      this.#leave();
      return { done: true, value: outcome };
    } catch (error) {
      this.#leave();
      throw error;
    }
  };

  /** Waits for a step of the run, though no longer than its caller does. */
  #progress(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      this.shared.advance();
    });
  }

  readonly #leave = (): void => {
    this.signal.removeEventListener('abort', this.#leave);
    this.shared.leave(this);
    this.wake();
  };
}
