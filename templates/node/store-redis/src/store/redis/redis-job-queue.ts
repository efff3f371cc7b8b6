import { ApiError } from '../../errors.js';
import type { Job } from '../../jobs/job.js';
import { JobCancelled, JobInterrupted, type JobHandler, type JobQueue } from '../ports.js';
import {
  createBullQueue,
  createBullWorker,
  DelayedError,
  WaitingError,
  type BullJob,
  type BullOptions,
  type BullQueue,
  type BullWorker,
} from './bull.js';
import type { RedisChannels } from './redis-channels.js';
import type { RedisJobStore } from './redis-job-store.js';

const QUEUE = 'jobs';

/** The highest of ours is BullMQ's 1, and so on down. */
const HIGHEST_PRIORITY = 100;

/** A job that takes its worker down with it is not given to workers for ever. */
const MAX_CRASHES = 5;

/** How long a job waits that could not be begun or ended, since its record was out of reach. */
const OUT_OF_REACH_MS = 1_000;

const LOST_JOBS_INTERVAL_MS = 10_000;

/** How long a process that stored a job has for bringing it to the queue. */
const ENQUEUING_MS = 10_000;

export interface RedisJobQueueDependencies extends BullOptions {
  readonly channels: RedisChannels;
  readonly store: RedisJobStore;
}

/** Jobs on BullMQ. It holds their ids alone; everything else of a job is in its record. */
export class RedisJobQueue implements JobQueue {
  readonly #queue: BullQueue<null>;
  readonly #running = new Map<string, AbortController>();
  readonly #cancelChannel: string;
  #worker: BullWorker<null> | undefined;
  #lostJobsTimer: NodeJS.Timeout | undefined;
  #stopListening: () => void = () => undefined;

  constructor(private readonly dependencies: RedisJobQueueDependencies) {
    this.#queue = createBullQueue(QUEUE, dependencies);
    this.#cancelChannel = `${dependencies.prefix}:cancel`;
  }

  /** Does not reject: the job is stored and so accepted, and a worker finds it if it does not get here. */
  async enqueue({ id, priority }: Pick<Job, 'id' | 'priority'>): Promise<void> {
    try {
      await this.#add(id, priority);
    } catch (error) {
      this.dependencies.logger.warn({ err: error, job_id: id }, 'a job is not in the queue yet');
    }
  }

  process(concurrency: number, handler: JobHandler): void {
    this.#worker = createBullWorker<null>(QUEUE, concurrency, this.dependencies, (job, token) =>
      this.#run(job, token, handler),
    );
    this.#worker.on('lockRenewalFailed', (ids) => {
      // Another worker has them by now, or will.
      for (const id of ids) this.#running.get(id)?.abort(new JobInterrupted());
    });
    this.#stopListening = this.dependencies.channels.listen(this.#cancelChannel, (id) => {
      if (id === undefined) void this.#abortCancelled();
      else this.#running.get(id)?.abort(new JobCancelled());
    });
    this.#lostJobsTimer = setInterval(() => {
      // Whatever hinders it now, there is a next time.
      this.restoreLost().catch(() => undefined);
    }, LOST_JOBS_INTERVAL_MS).unref();
  }

  async cancel(id: string): Promise<void> {
    const { reach, redis } = this.dependencies;
    await reach(this.#queue.remove(id));
    await reach(redis.publish(this.#cancelChannel, id));
  }

  async drain(deadline: AbortSignal): Promise<void> {
    clearInterval(this.#lostJobsTimer);
    const interrupt = () => {
      for (const controller of this.#running.values()) controller.abort(new JobInterrupted());
    };
    if (deadline.aborted) interrupt();
    deadline.addEventListener('abort', interrupt);
    await this.#worker?.close();
    deadline.removeEventListener('abort', interrupt);
  }

  /** Lets go of everything at once. What runs is given to another worker in time. */
  close(): void {
    this.#stopListening();
    clearInterval(this.#lostJobsTimer);
    this.#worker?.close(true).catch(() => undefined);
  }

  /** Brings jobs to the queue that are accepted, but not in it. */
  async restoreLost(now = Date.now()): Promise<void> {
    const { store, logger } = this.dependencies;
    const before = now - ENQUEUING_MS;
    const lost = await store.findLost(this.#queue.toKey(''), before, LOST_JOBS_INTERVAL_MS);
    for (const { id, priority } of lost) {
      logger.warn({ job_id: id }, 'a job was not in the queue');
      await this.#add(id, priority);
    }
  }

  async #add(id: string, priority: number): Promise<void> {
    const rank = Math.max(1, HIGHEST_PRIORITY + 1 - priority);
    await this.dependencies.reach(this.#queue.add('job', null, { jobId: id, priority: rank }));
  }

  async #run(job: BullJob<null>, token: string, handler: JobHandler): Promise<void> {
    const { id = '' } = job;
    const controller = new AbortController();
    this.#running.set(id, controller);
    if (job.stalledCounter > MAX_CRASHES) controller.abort(tooManyCrashes());
    try {
      await handler(id, controller.signal);
    } catch (error) {
      // The run could not be begun, or its end could not be stored.
      this.dependencies.logger.warn({ err: error, job_id: id }, 'a job is put off');
      await job.moveToDelayed(Date.now() + OUT_OF_REACH_MS, token);
      throw new DelayedError();
    } finally {
      if (this.#running.get(id) === controller) this.#running.delete(id);
    }
    if (controller.signal.reason instanceof JobInterrupted) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
  }

  /** What was cancelled while this process could not hear of it. */
  async #abortCancelled(): Promise<void> {
    const running = [...this.#running.keys()];
    const cancelled = await this.dependencies.store.findCancelled(running).catch(() => []);
    for (const id of cancelled) this.#running.get(id)?.abort(new JobCancelled());
  }
}

function tooManyCrashes(): ApiError {
  return new ApiError({
    status: 500,
    code: 'worker_crashed',
    message: 'The job was given up: each worker that ran it has ended before the job did.',
  });
}
