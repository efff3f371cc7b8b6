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
    const sums = [...this.#sums];
    this.#sums.clear();
    for (const [labels, sum] of sums) this.#counter.inc(labels, sum);
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
    const labels = this.#labels;
    const values = this.#values;
    this.#labels = [];
    this.#values = [];
    labels.forEach((each, index) => {
      this.#histogram.observe(each, values[index] ?? 0);
    });
  }
}
