import { LightAbortController, type AbortSignalLike } from '../abort-signal.js';
import { ObservableStream, observe, type Observer } from '../stream.js';
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

type State =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly outcome: Outcome }
  | { readonly status: 'failed'; readonly error: unknown };

/**
 * One run that several callers read, each from its beginning and at its own pace. It advances as the quickest reader
 * asks for more, so a lone slow reader still holds the provider back. It is aborted when the last reader leaves.
 */
export class SharedRun implements Observer<readonly Delta[], Outcome> {
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
  /** Whether a reader waits for the next step. */
  #isWanted = false;

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

  /** Those that are there already, but for the first so many. An answer that came without is made into some. */
  deltasFrom(place: number): readonly Delta[] {
    if (this.#state.status === 'done' && this.#deltas.length === 0 && place === 0)
      this.#deltas = [...this.work.replay(this.#state.outcome)];
    return this.#deltas.slice(place);
  }

  /** Goes on by a step, also where it is asked amid one. All readers are woken when it is done. */
  advance(): void {
    this.#isWanted = true;
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    if (this.#stream === undefined) this.#begin();
    else observe(this.#stream, this);
  }

  part(deltas: readonly Delta[]): boolean {
    for (const delta of deltas) this.#deltas.push(delta);
    this.#isWanted = false;
    this.#wakeReaders();
    this.#isAdvancing = this.#isWanted;
    // All readers may have left meanwhile.
    if (!this.isRunning) this.#abandonStream();
    return this.#isAdvancing;
  }

  end(outcome: Outcome): void {
    const end = () => {
      this.#leaveWork();
      this.#end({ status: 'done', outcome });
    };
    const kept = this.work.keep(outcome);
    if (kept === undefined) end();
    else kept.then(end, this.fail);
  }

  readonly fail = (error: unknown): void => {
    this.#leaveWork();
    this.#end({ status: 'failed', error });
  };

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

  #begin(): void {
    try {
      const turn = this.work.enter(this.#controller.signal);
      if (turn === undefined) this.#start();
      else turn.then(this.#start).catch(this.fail);
    } catch (error) {
      this.fail(error);
    }
  }

  readonly #start = (): void => {
    this.#hasEntered = true;
    const started = this.work.start(this.#controller.signal);
    if (started instanceof Promise) {
      const end = (outcome: Outcome) => {
        this.end(outcome);
      };
      started.then(end).catch(this.fail);
    } else {
      this.#stream = started;
      observe(started, this);
    }
  };

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
    // Backwards, since one that is woken may leave.
    for (let place = this.#readers.length - 1; place >= 0; place -= 1) this.#readers[place]?.wake();
  }
}

const IDLE = () => undefined;

class Reader extends ObservableStream<readonly Delta[], Outcome> implements Run {
  /** Goes on where it waits. */
  wake: () => void = IDLE;
  #observer: Observer<readonly Delta[], Outcome> | undefined;
  /** How many deltas it has read; beyond all where it reads the outcome alone. */
  #place = 0;

  constructor(
    private readonly shared: SharedRun,
    private readonly signal: AbortSignalLike,
  ) {
    super();
    signal.addEventListener('abort', this.#leave);
  }

  outcome(): Promise<Outcome> {
    this.#place = Infinity;
    return new Promise((resolve, reject) => {
      this.observe({ part: () => true, end: resolve, fail: reject });
    });
  }

  deltas(): Deltas {
    return this;
  }

  observe(observer: Observer<readonly Delta[], Outcome>): void {
    this.#observer = observer;
    this.#look();
  }

  protected release(): void {
    this.#leave();
  }

  readonly #look = (): void => {
    this.wake = IDLE;
    try {
      this.signal.throwIfAborted();
      const deltas = this.shared.deltasFrom(this.#place);
      this.#place += deltas.length;
      if (deltas.length > 0 && this.#observer?.part(deltas) !== true) return;
      if (this.shared.isRunning) this.#wait();
      else this.#finish(this.shared.outcome);
    } catch (error) {
      this.#leave();
      this.#observer?.fail(error);
    }
  };

  #finish(outcome: Outcome): void {
    this.#leave();
    this.#observer?.end(outcome);
  }

  /** For a step of the run, though no longer than its caller does. */
  #wait(): void {
    this.wake = this.#look;
    this.shared.advance();
  }

  readonly #leave = (): void => {
    this.signal.removeEventListener('abort', this.#leave);
    this.shared.leave(this);
    this.wake();
  };
}
