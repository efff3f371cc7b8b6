/** What comes bit by bit, as of an async generator, which is one: each step is asked for when the last one is there. */
export interface Stream<Part, End = void> extends AsyncIterableIterator<Part, End, undefined> {
  next(): Promise<IteratorResult<Part, End>>;
  /** Lets it release what it holds, when it is left early. Does nothing to one that is over. */
  return(end?: End | PromiseLike<End>): Promise<IteratorResult<Part, End>>;
}

/** Is told of the steps of a stream. None of this throws. */
export interface Observer<Part, End> {
  /** @returns whether the next step may come; otherwise it is asked for when it may */
  part(part: Part): boolean;
  end(end: End): void;
  fail(error: unknown): void;
}

/**
 * A stream that tells of its steps without a promise for each. On its way from a provider to a client a chunk passes
 * many layers: promises between them, or generators, cost more than the work that is done there.
 */
export abstract class ObservableStream<Part, End = void> implements Stream<Part, End> {
  /** Asks for the next step, which may come at once, and for all that follow while the observer takes them. */
  abstract observe(observer: Observer<Part, End>): void;

  protected abstract release(): unknown;

  next(): Promise<IteratorResult<Part, End>> {
    return new Promise((resolve, reject) => {
      this.observe({
        part: (value) => {
          resolve({ done: false, value });
          return false;
        },
        end: (value) => {
          resolve({ done: true, value });
        },
        fail: reject,
      });
    });
  }

  async return(end?: End | PromiseLike<End>): Promise<IteratorResult<Part, End>> {
    await this.release();
    return { done: true, value: (await end) as End };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** As `ObservableStream.observe`, of any stream. */
export function observe<Part, End>(stream: Stream<Part, End>, observer: Observer<Part, End>): void {
  if (stream instanceof ObservableStream) {
    (stream as ObservableStream<Part, End>).observe(observer);
    return;
  }
  const tell = (step: IteratorResult<Part, End>) => {
    if (step.done === true) observer.end(step.value);
    else if (observer.part(step.value)) observe(stream, observer);
  };
  stream.next().then(tell, (error: unknown) => {
    observer.fail(error);
  });
}

/** A stream each step of which is made of one of another's. */
export function mapStream<Part, End, NewPart, NewEnd>(
  source: Stream<Part, End>,
  partOf: (part: Part) => NewPart,
  endOf: (end: End) => NewEnd,
): Stream<NewPart, NewEnd> {
  const start = (observer: Observer<NewPart, NewEnd>) => {
    const breakOff = (error: unknown) => {
      source.return().catch(() => undefined);
      observer.fail(error);
    };
    observe(source, {
      part: (part) => {
        try {
          return observer.part(partOf(part));
        } catch (error) {
          breakOff(error);
          return false;
        }
      },
      end: (end) => {
        try {
          observer.end(endOf(end));
        } catch (error) {
          breakOff(error);
        }
      },
      fail: (error) => {
        observer.fail(error);
      },
    });
  };
  return new ComposedStream(start, () => source.return());
}

/** A stream whose first step was taken beforehand. */
export function withFirst<Part, End>(
  first: IteratorResult<Part, End>,
  rest: Stream<Part, End>,
): Stream<Part, End> {
  let taken: typeof first | undefined = first;
  const start = (observer: Observer<Part, End>) => {
    const step = taken;
    taken = undefined;
    if (step?.done === true) observer.end(step.value);
    else if (step === undefined || observer.part(step.value)) observe(rest, observer);
  };
  return new ComposedStream(start, () => rest.return());
}

class ComposedStream<Part, End> extends ObservableStream<Part, End> {
  constructor(
    private readonly start: (observer: Observer<Part, End>) => void,
    private readonly end: () => unknown,
  ) {
    super();
  }

  observe(observer: Observer<Part, End>): void {
    this.start(observer);
  }

  protected release(): unknown {
    return this.end();
  }
}
