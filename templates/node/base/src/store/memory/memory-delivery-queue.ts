import { ApiError } from '../../errors.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Delivery, DeliveryHandler, DeliveryQueue } from '../ports.js';

interface Attempt {
  readonly delivery: Delivery;
  readonly number: number;
}

/** Bodies hold the results of jobs, which may be megabytes each, and wait for hours where a receiver is dead. */
const MAX_SIZE = 128 * 1024 * 1024;
const RECORD_SIZE = 512;

/** Until what was not tried is looked at again. */
const PUT_OFF_MS = 1_000;

export class MemoryDeliveryQueue implements DeliveryQueue {
  readonly #ids = new Set<string>();
  readonly #due: Attempt[] = [];
  /** Those that are to be tried again, with their timers; the one whose last attempt was the first comes first. */
  readonly #later = new Map<Attempt, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #size = 0;
  #concurrency = 0;
  #handler: DeliveryHandler = () => Promise.resolve(null);

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly maxSize = MAX_SIZE,
  ) {}

  enqueue(delivery: Delivery): Promise<void> {
    const attempt = { delivery, number: 1 };
    const size = sizeOf(delivery);
    if (this.#ids.has(delivery.id)) return Promise.resolve();
    if (size > this.maxSize) {
      this.#logGivenUp(attempt, 'it is too large');
      return Promise.resolve();
    }
    if (!this.#makeRoom(size)) return Promise.reject(tooManyDeliveries());
    this.#ids.add(delivery.id);
    this.#size += size;
    this.#due.push(attempt);
    this.#fill();
    return Promise.resolve();
  }

  process(concurrency: number, handler: DeliveryHandler): void {
    this.#concurrency = concurrency;
    this.#handler = handler;
    this.#fill();
  }

  async drain(deadline: AbortSignal): Promise<void> {
    this.#concurrency = 0;
    for (const timer of this.#later.values()) clearTimeout(timer);
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
    if (delayMs === null) this.#forget(delivery);
    else if (delayMs === undefined) this.#retry({ delivery, number }, PUT_OFF_MS);
    else this.#retry({ delivery, number: number + 1 }, delayMs);
  }

  #retry(attempt: Attempt, delayMs: number): void {
    if (this.#concurrency === 0) return;
    const timer = setTimeout(() => {
      this.#later.delete(attempt);
      this.#due.push(attempt);
      this.#fill();
    }, delayMs).unref();
    this.#later.set(attempt, timer);
  }

  /** Gives up those that have failed already, while the queue is full: they must not keep out what may well arrive. */
  #makeRoom(size: number): boolean {
    for (const [attempt, timer] of this.#later) {
      if (this.#size + size <= this.maxSize) return true;
      clearTimeout(timer);
      this.#later.delete(attempt);
      this.#forget(attempt.delivery);
      this.#logGivenUp(attempt, 'too many wait to be tried again');
    }
    return this.#size + size <= this.maxSize;
  }

  #forget(delivery: Delivery): void {
    this.#ids.delete(delivery.id);
    this.#size -= sizeOf(delivery);
  }

  #logGivenUp({ delivery: { id, jobId }, number }: Attempt, reason: string): void {
    const line = { job_id: jobId, webhook_id: id, attempts: number - 1 };
    this.logger.warn({ ...line, reason }, 'webhook given up');
  }
}

function sizeOf({ url, body }: Delivery): number {
  return RECORD_SIZE + url.length + body.length;
}

/** Told to nobody but the log: the job's end is announced again later. */
function tooManyDeliveries(): ApiError {
  return new ApiError({
    status: 503,
    code: 'queue_full',
    message: 'No more messages to webhooks can be kept at the moment.',
  });
}
