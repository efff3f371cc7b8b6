import type { Delivery, DeliveryHandler, DeliveryQueue } from '../ports.js';

interface Attempt {
  readonly delivery: Delivery;
  readonly number: number;
}

export class MemoryDeliveryQueue implements DeliveryQueue {
  readonly #ids = new Set<string>();
  readonly #due: Attempt[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #concurrency = 0;
  #handler: DeliveryHandler = () => Promise.resolve(null);

  enqueue(delivery: Delivery): Promise<void> {
    if (!this.#ids.has(delivery.id)) {
      this.#ids.add(delivery.id);
      this.#due.push({ delivery, number: 1 });
      this.#fill();
    }
    return Promise.resolve();
  }

  process(concurrency: number, handler: DeliveryHandler): void {
    this.#concurrency = concurrency;
    this.#handler = handler;
    this.#fill();
  }

  async drain(deadline: AbortSignal): Promise<void> {
    this.#concurrency = 0;
    for (const timer of this.#timers) clearTimeout(timer);
    const stop = () => {
      this.#stop.abort();
    };
    if (deadline.aborted) stop();
    deadline.addEventListener('abort', stop);
    await Promise.all(this.#running);
    deadline.removeEventListener('abort', stop);
  }

  #fill(): void {
    while (this.#running.size < this.#concurrency) {
      const attempt = this.#due.shift();
      if (attempt === undefined) return;
      const run = this.#run(attempt).finally(() => {
        this.#running.delete(run);
        this.#fill();
      });
      this.#running.add(run);
    }
  }

  async #run({ delivery, number }: Attempt): Promise<void> {
    const delayMs = await this.#handler(delivery, number, this.#stop.signal);
    if (delayMs === null) this.#ids.delete(delivery.id);
    else this.#retry({ delivery, number: number + 1 }, delayMs);
  }

  #retry(attempt: Attempt, delayMs: number): void {
    if (this.#concurrency === 0) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#due.push(attempt);
      this.#fill();
    }, delayMs).unref();
    this.#timers.add(timer);
  }
}
