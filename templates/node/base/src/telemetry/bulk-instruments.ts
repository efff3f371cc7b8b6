/**
 * Prometheus' instruments for what happens with every request. They take measurements when they are many, or when they
 * are read: what is done once in a request finds nothing of itself in the processor's caches; in a row it does.
 */
import type { CounterConfiguration, HistogramConfiguration, LabelValues } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Histogram from 'prom-client/lib/histogram.js';

/** So many are handed over at once, at the latest. */
const MAX_PENDING = 64;

/** What has the same labels, as an object, is added up beforehand. */
export class BulkCounter<Label extends string> {
  readonly #counter: Counter<Label>;
  readonly #sums = new Map<LabelValues<Label>, number>();

  constructor(configuration: CounterConfiguration<Label>) {
    this.#counter = new Counter({
      ...configuration,
      collect: () => {
        this.#flush();
      },
    });
  }

  /** @param labels not to be changed any more */
  inc(labels: LabelValues<Label>, value = 1): void {
    this.#sums.set(labels, (this.#sums.get(labels) ?? 0) + value);
    if (this.#sums.size === MAX_PENDING) this.#flush();
  }

  #flush(): void {
    for (const [labels, sum] of this.#sums) this.#counter.inc(labels, sum);
    this.#sums.clear();
  }
}

export class BulkHistogram<Label extends string> {
  readonly #histogram: Histogram<Label>;
  #labels: LabelValues<Label>[] = [];
  #values: number[] = [];

  constructor(configuration: HistogramConfiguration<Label>) {
    this.#histogram = new Histogram({
      ...configuration,
      collect: () => {
        this.#flush();
      },
    });
  }

  /** @param labels not to be changed any more */
  observe(labels: LabelValues<Label>, value: number): void {
    this.#labels.push(labels);
    if (this.#values.push(value) === MAX_PENDING) this.#flush();
  }

  #flush(): void {
    const values = this.#values;
    this.#labels.forEach((labels, index) => {
      this.#histogram.observe(labels, values[index] ?? 0);
    });
    this.#labels = [];
    this.#values = [];
  }
}
