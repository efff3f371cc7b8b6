/** Changes that somebody waits for. Those that come while nobody does are not missed: the next wait is over at once. */
export class Changes {
  #hasChanged = false;
  #wake: () => void = () => undefined;
  readonly #onChange = () => {
    this.#hasChanged = true;
    this.#wake();
  };
  readonly #unwatch: () => void;

  /**
   * @param watch calls back at changes, from now on, until what it returns is called
   * @param signal whose abort counts as a change too
   */
  constructor(
    watch: (onChange: () => void) => () => void,
    private readonly signal: AbortSignal,
  ) {
    this.#unwatch = watch(this.#onChange);
    signal.addEventListener('abort', this.#onChange);
    if (signal.aborted) this.#onChange();
  }

  /** Waits for a change since the last wait. */
  async next(): Promise<void> {
    if (!this.#hasChanged) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#hasChanged = false;
  }

  stop(): void {
    this.#unwatch();
    this.signal.removeEventListener('abort', this.#onChange);
  }
}
