import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { Logger } from '../../telemetry/logger.js';
import type { Store } from '../ports.js';
import { connectPatiently, connectRedis } from './connect-redis.js';
import { RedisChannels } from './redis-channels.js';
import { RedisDeliveryQueue } from './redis-delivery-queue.js';
import { RedisIdempotencyStore } from './redis-idempotency-store.js';
import { RedisJobQueue } from './redis-job-queue.js';
import { RedisJobStore } from './redis-job-store.js';
import { RedisResultCache } from './redis-result-cache.js';
import { ServerCheck } from './server-check.js';

/** Somebody waits for an answer of these. */
const QUEUE_TIMEOUT_MS = 1_000;
const CACHE_TIMEOUT_MS = 500;

const LOCK_MS = 15_000;

/** Longer than any command takes, those included that wait for the next job. */
const PATIENT_SILENCE_MS = 20_000;

export interface RedisStoreOptions {
  readonly queueUrl: string;
  readonly cacheUrl: string;
  /** What every key begins with. */
  readonly prefix: string;
  readonly maxStoredJobs: number;
  /** After how much silence of a worker its jobs are given to another. */
  readonly lockMs?: number;
}

/**
 * Keeps everything in two Redis servers: one that never evicts has the jobs, their queue, limits and idempotency keys;
 * one that evicts has the cached answers. It starts without them too, and works as soon as they are there.
 *
 * @throws {ConfigError} when the queue's server evicts
 */
export async function createRedisStore(
  { queueUrl, cacheUrl, prefix, maxStoredJobs, lockMs = LOCK_MS }: RedisStoreOptions,
  logger: Logger,
): Promise<Store> {
  const redis = connectRedis(queueUrl, 'queue_redis', QUEUE_TIMEOUT_MS, logger);
  const cacheRedis = connectRedis(cacheUrl, 'cache_redis', CACHE_TIMEOUT_MS, logger);
  const patientRedis = connectPatiently(queueUrl, PATIENT_SILENCE_MS);
  const channels = new RedisChannels(connectPatiently(queueUrl, PATIENT_SILENCE_MS));
  const close = () => {
    channels.close();
    for (const connection of [redis, cacheRedis, patientRedis]) connection.disconnect();
  };

  const check = new ServerCheck(redis, cacheRedis, logger);
  await check.begin().catch((error: unknown) => {
    close();
    throw error;
  });

  const bull = { redis, patientRedis, prefix, lockMs, logger };
  const jobs = new RedisJobStore({ ...bull, channels, maxStored: maxStoredJobs });
  const queue = new RedisJobQueue({ ...bull, channels, store: jobs });
  const deliveries = new RedisDeliveryQueue(bull);
  return {
    isShared: true,
    cache: new RedisResultCache(cacheRedis, prefix),
    jobs,
    queue,
    deliveries,
    idempotency: new RedisIdempotencyStore(redis, prefix),
    createLimiter: (options) =>
      new RateLimiterRedis({
        ...options,
        keyPrefix: [prefix, options.keyPrefix].join(':'),
        storeClient: redis,
        insuranceLimiter: new RateLimiterMemory(options),
      }),
    async unreachable() {
      const isThere = await Promise.all([answers(redis), answers(cacheRedis)]);
      return [
        ...(isThere[0] && check.isQueueFit ? [] : ['queue_redis']),
        ...(isThere[1] ? [] : ['cache_redis']),
      ];
    },
    async close() {
      queue.close();
      deliveries.close();
      await jobs.close();
      close();
    },
  };
}

async function answers(redis: Redis): Promise<boolean> {
  return redis.ping().then(
    () => true,
    () => false,
  );
}
