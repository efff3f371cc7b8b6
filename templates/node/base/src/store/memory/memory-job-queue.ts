import { JobCancelled, JobInterrupted, type JobHandler, type JobQueue } from '../ports.js';

interface Waiting {
  readonly id: string;
  readonly priority: number;
}

interface Running {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

export class MemoryJobQueue implements JobQueue {
  /** In the order in which they are to be run. */
  readonly #waiting: Waiting[] = [];
  readonly #running = new Map<string, Running>();
  #concurrency = 0;
  #handler: JobHandler = () => Promise.resolve();

  enqueue({ id, priority }: Waiting): Promise<void> {
    const later = this.#waiting.findLastIndex((job) => job.priority >= priority) + 1;
    this.#waiting.splice(later, 0, { id, priority });
    this.#fill();
    return Promise.resolve();
  }

  process(concurrency: number, handler: JobHandler): void {
    this.#concurrency = concurrency;
    this.#handler = handler;
    this.#fill();
  }

  cancel(id: string): Promise<void> {
    const place = this.#waiting.findIndex((job) => job.id === id);
    if (place >= 0) this.#waiting.splice(place, 1);
    this.#running.get(id)?.controller.abort(new JobCancelled());
    return Promise.resolve();
  }

  async drain(deadline: AbortSignal): Promise<void> {
    this.#concurrency = 0;
    const interrupt = () => {
      for (const { controller } of this.#running.values()) controller.abort(new JobInterrupted());
    };
    if (deadline.aborted) interrupt();
    deadline.addEventListener('abort', interrupt);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    deadline.removeEventListener('abort', interrupt);
  }

  #fill(): void {
    while (this.#running.size < this.#concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#run(next.id);
    }
  }

  #run(id: string): void {
    const controller = new AbortController();
    const done = this.#handler(id, controller.signal).finally(() => {
      this.#running.delete(id);
      this.#fill();
    });
    this.#running.set(id, { controller, done });
  }
}
