/**
 * What comes bit by bit, as of an async generator, which is one: each step is asked for when the last one is there.
 *
 * On its way from a provider to a client a stream passes many layers. What takes steps of one stream and gives steps of
 * another is better written with `mapStream`: a generator for each layer costs more than the work that it does.
 */
export interface Stream<Part, End = void> extends AsyncIterableIterator<Part, End, undefined> {
  next(): Promise<IteratorResult<Part, End>>;
  /** Lets it release what it holds, when it is left early. Does nothing to one that is over. */
  return(end?: End | PromiseLike<End>): Promise<IteratorResult<Part, End>>;
}

/** Made of a function that gives the next step, and one that releases what the stream holds. */
export class SteppedStream<Part, End> implements Stream<Part, End> {
  constructor(
    readonly next: () => Promise<IteratorResult<Part, End>>,
    private readonly release: () => unknown,
  ) {}

  async return(end?: End | PromiseLike<End>): Promise<IteratorResult<Part, End>> {
    await this.release();
    return { done: true, value: (await end) as End };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A stream each step of which is made of one of another's. */
export function mapStream<Part, End, NewPart, NewEnd>(
  source: Stream<Part, End>,
  partOf: (part: Part) => NewPart,
  endOf: (end: End) => NewEnd,
): Stream<NewPart, NewEnd> {
  const take = (step: IteratorResult<Part, End>): IteratorResult<NewPart, NewEnd> => {
    try {
      return step.done === true
        ? { done: true, value: endOf(step.value) }
        : { done: false, value: partOf(step.value) };
    } catch (error) {
      source.return().catch(() => undefined);
      throw error;
    }
  };
  return new SteppedStream(
    () => source.next().then(take),
    () => source.return(),
  );
}

/** A stream whose first step was taken beforehand. */
export function withFirst<Part, End>(
  first: IteratorResult<Part, End>,
  rest: Stream<Part, End>,
): Stream<Part, End> {
  let taken: typeof first | undefined = first;
  const next = () => {
    const step = taken === undefined ? rest.next() : Promise.resolve(taken);
    taken = undefined;
    return step;
  };
  return new SteppedStream(next, () => rest.return());
}
