import { DelayedError, Queue, WaitingError, Worker, type Job, type JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../../telemetry/logger.js';
import type { Reach } from './reach.js';

export { DelayedError, WaitingError };

/** An idle worker looks by itself so often: BullMQ wakes nobody for a job that was given back. */
const IDLE_LOOK_SECONDS = 1;

/** How many of its own events BullMQ keeps; nobody reads them. */
const EVENTS_KEPT = 100;

/** How long a worker leaves a server alone that refuses what it asks. */
const BREATH_MS = 1_000;

/** What is done needs no trace in the queue: jobs have records of their own. */
const ONE_TRY: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

export interface BullOptions {
  /** One whose commands fail at once: somebody waits for them. */
  readonly redis: Redis;
  /** One whose commands wait, made for workers alone. */
  readonly patientRedis: () => Redis;
  readonly reach: Reach;
  readonly prefix: string;
  /** How long a worker that has died, or lost its connection, is waited for before its jobs are given to another. */
  readonly lockMs: number;
  readonly logger: Logger;
}

export type BullQueue<Data> = Queue<Data, void>;
export type BullJob<Data> = Job<Data, void>;
export type BullWorker<Data> = Worker<Data, void>;

// Asking for the server's version once would make a queue useless for good where that one question fails.
const COMMON = { skipVersionCheck: true };

export function createBullQueue<Data>(name: string, options: BullOptions): BullQueue<Data> {
  const { redis, prefix } = options;
  const queue = new Queue<Data, void>(name, {
    ...COMMON,
    prefix,
    connection: redis,
    defaultJobOptions: ONE_TRY,
    streams: { events: { maxLen: EVENTS_KEPT } },
  });
  // Whoever adds something is told what failed.
  queue.on('error', () => undefined);
  return queue;
}

/** @param run gets the token that its hold on the job is known by */
export function createBullWorker<Data>(
  name: string,
  concurrency: number,
  { patientRedis, prefix, lockMs, logger }: BullOptions,
  run: (job: BullJob<Data>, token: string) => Promise<void>,
): BullWorker<Data> {
  const worker = new Worker<Data, void>(name, (job, token = '') => run(job, token), {
    ...COMMON,
    prefix,
    concurrency,
    connection: patientRedis(),
    lockDuration: lockMs,
    // Whole: Redis takes no parts of milliseconds.
    stalledInterval: Math.ceil(lockMs / 3),
    drainDelay: IDLE_LOOK_SECONDS,
    // How often is too often is decided where the end of a job is stored.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  });
  const takeBreath = createBreather(worker);
  worker.on('error', ({ message }) => {
    logger.debug({ queue: name, reason: message }, 'trouble in a queue');
    takeBreath();
  });
  worker.on('stalled', (id) => {
    logger.warn({ queue: name, id }, 'a worker has left this unfinished; it is done anew');
  });
  return worker;
}

/**
 * BullMQ asks again at once where a server refuses its commands (its memory is full, it is read-only), as fast as both
 * can. What runs goes on; nothing new is fetched for a moment.
 */
function createBreather<Data>(worker: BullWorker<Data>): () => void {
  let isBreathing = false;
  return () => {
    if (isBreathing || worker.closing !== undefined) return;
    isBreathing = true;
    void worker.pause(true);
    setTimeout(() => {
      isBreathing = false;
      if (worker.closing === undefined) void worker.resume();
    }, BREATH_MS).unref();
  };
}
