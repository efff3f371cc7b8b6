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

interface QueuedDelivery extends Delivery {
  /** How many attempts were put off, or say nothing of the receiver, since the process that made them stopped. */
  readonly interruptions?: number;
}

/** Longer each time, up to half a minute: thousands may wait, and each look costs Redis something. */
function putOffMs(times: number): number {
  return 1_000 * Math.min(2 ** times, 30) * (1 + Math.random());
}

/** Deliveries on BullMQ. One that is to be tried again waits there, whatever becomes of the process that tried it. */
export class RedisDeliveryQueue implements DeliveryQueue {
  readonly #queue: BullQueue<QueuedDelivery>;
  readonly #stop = new AbortController();
  #worker: BullWorker<QueuedDelivery> | undefined;

  constructor(private readonly options: BullOptions) {
    this.#queue = createBullQueue(QUEUE, options);
  }

  async enqueue(delivery: Delivery): Promise<void> {
    const added = this.#queue.add('delivery', delivery, { jobId: delivery.id });
    await this.options.reach(added);
  }

  process(concurrency: number, handler: DeliveryHandler): void {
    this.#worker = createBullWorker<QueuedDelivery>(
      QUEUE,
      concurrency,
      this.options,
      (job, token) => this.#run(job, token, handler),
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

  async #run(job: BullJob<QueuedDelivery>, token: string, handler: DeliveryHandler): Promise<void> {
    const { interruptions = 0, ...delivery } = job.data;
    const { signal } = this.#stop;
    const delayMs = await handler(delivery, job.attemptsStarted - interruptions, signal);
    if (delayMs === null) return;
    if (delayMs === undefined)
      await job.updateData({ ...delivery, interruptions: interruptions + 1 });
    await job.moveToDelayed(Date.now() + (delayMs ?? putOffMs(interruptions)), token);
    throw new DelayedError();
  }
}
