import type { Delivery, DeliveryHandler, DeliveryQueue } from '../ports.js';
import {
  createBullQueue,
  createBullWorker,
  DelayedError,
  type BullJob,
  type BullOptions,
  type BullQueue,
  type BullWorker,
} from './bull.js';

const QUEUE = 'webhooks';

/** Deliveries on BullMQ. One that is to be tried again waits there, whatever becomes of the process that tried it. */
export class RedisDeliveryQueue implements DeliveryQueue {
  readonly #queue: BullQueue<Delivery>;
  readonly #stop = new AbortController();
  #worker: BullWorker<Delivery> | undefined;

  constructor(private readonly options: BullOptions) {
    this.#queue = createBullQueue(QUEUE, options);
  }

  async enqueue(delivery: Delivery): Promise<void> {
    const added = this.#queue.add('delivery', delivery, { jobId: delivery.id });
    await this.options.reach(added);
  }

  process(concurrency: number, handler: DeliveryHandler): void {
    this.#worker = createBullWorker<Delivery>(QUEUE, concurrency, this.options, (job, token) =>
      this.#run(job, token, handler),
    );
  }

  async drain(deadline: AbortSignal): Promise<void> {
    const stop = () => {
      this.#stop.abort();
    };
    if (deadline.aborted) stop();
    deadline.addEventListener('abort', stop);
    await this.#worker?.close();
    deadline.removeEventListener('abort', stop);
  }

  /** Lets go of everything at once. What runs is given to another worker in time. */
  close(): void {
    this.#worker?.close(true).catch(() => undefined);
  }

  async #run(job: BullJob<Delivery>, token: string, handler: DeliveryHandler): Promise<void> {
    const delayMs = await handler(job.data, job.attemptsStarted, this.#stop.signal);
    if (delayMs === null) return;
    await job.moveToDelayed(Date.now() + delayMs, token);
    throw new DelayedError();
  }
}
