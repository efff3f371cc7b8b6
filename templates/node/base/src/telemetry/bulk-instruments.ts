import type { CounterConfiguration, HistogramConfiguration, LabelValues } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Histogram from 'prom-client/lib/histogram.js';
import { InBulk } from './in-bulk.js';

/** A counter for what happens with every request. */
export class BulkCounter<Label extends string> {
  readonly #pending: InBulk<Label>;

  constructor(configuration: CounterConfiguration<Label>) {
    const counter = new Counter({
      ...configuration,
      collect: () => {
        pending.flush();
      },
    });
    const pending = new InBulk<Label>((labels, value) => {
      counter.inc(labels, value);
    });
    this.#pending = pending;
  }

  inc(labels: LabelValues<Label>, value = 1): void {
    this.#pending.add(labels, value);
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
