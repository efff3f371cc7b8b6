import type { LabelValues } from 'prom-client';

/** So many are handed over at once, at the latest. */
export const MAX_PENDING = 64;

/**
 * Measurements on their way to Prometheus' instruments, which take them when they are many, or when they are read. What
 * is done once in a request finds nothing of itself in the processor's caches; in a row it does.
 */
export class InBulk<Label extends string> {
  #labels: LabelValues<Label>[] = [];
  #values: number[] = [];

  /** @param handOver gives one measurement to its instrument */
  constructor(private readonly handOver: (labels: LabelValues<Label>, value: number) => void) {}

  /** @param labels not to be changed any more */
  add(labels: LabelValues<Label>, value: number): void {
    this.#labels.push(labels);
    if (this.#values.push(value) === MAX_PENDING) this.flush();
  }

  flush(): void {
    const labels = this.#labels;
    const values = this.#values;
    this.#labels = [];
    this.#values = [];
    labels.forEach((each, index) => {
      this.handOver(each, values[index] ?? 0);
    });
  }
}
