import type { CounterConfiguration, HistogramConfiguration, LabelValues } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Histogram from 'prom-client/lib/histogram.js';
import { InBulk, MAX_PENDING } from './in-bulk.js';

/** A counter for what happens with every request. What has the same labels, as an object, is added up beforehand. */
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

  inc(labels: LabelValues<Label>, value = 1): void {
    this.#sums.set(labels, (this.#sums.get(labels) ?? 0) + value);
    if (this.#sums.size === MAX_PENDING) this.#flush();
  }

  #flush(): void {
    for (const [labels, sum] of this.#sums) this.#counter.inc(labels, sum);
    this.#sums.clear();
  }
}

/** A histogram of what happens with every request. */
export class BulkHistogram<Label extends string> {
  readonly #pending: InBulk<Label>;

  constructor(configuration: HistogramConfiguration<Label>) {
    const histogram = new Histogram({
      ...configuration,
      collect: () => {
        pending.flush();
      },
    });
    const pending = new InBulk<Label>((labels, value) => {
      histogram.observe(labels, value);
    });
    this.#pending = pending;
  }

  observe(labels: LabelValues<Label>, value: number): void {
    this.#pending.add(labels, value);
  }
}
