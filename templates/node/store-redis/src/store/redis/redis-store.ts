import type { Redis } from 'ioredis';
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import RateLimiterRedis from 'rate-limiter-flexible/lib/RateLimiterRedis.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Store } from '../ports.js';
import { createReach } from './reach.js';
import { RedisConnections, type RedisUrls } from './redis-connections.js';
import { RedisDeliveryQueue } from './redis-delivery-queue.js';
import { RedisIdempotencyStore } from './redis-idempotency-store.js';
import { RedisJobQueue } from './redis-job-queue.js';
import { RedisJobStore } from './redis-job-store.js';
import { RedisResultCache } from './redis-result-cache.js';
import { ServerCheck } from './server-check.js';

const LOCK_MS = 15_000;

/** Inputs and results may be megabytes each: a bound on jobs alone would let one tenant fill the server. */
const MAX_JOB_BYTES = 1024 * 1024 * 1024;

export interface RedisStoreOptions extends RedisUrls {
  /** What every key begins with. */
  readonly prefix: string;
  readonly maxStoredJobs: number;
  readonly maxJobBytes?: number;
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
  {
    prefix,
    maxStoredJobs,
    maxJobBytes = MAX_JOB_BYTES,
    lockMs = LOCK_MS,
    ...urls
  }: RedisStoreOptions,
  logger: Logger,
): Promise<Store> {
  const connections = new RedisConnections(urls, logger);
  const check = new ServerCheck(connections, logger);
  await check.begin().catch((error: unknown) => {
    connections.close();
    throw error;
  });

  const { queue: redis, cache, channels } = connections;
  let patient: Redis | undefined;
  const patientRedis = () => (patient ??= connections.connectPatiently());
  const reach = createReach(logger);
  const shared = { redis, patientRedis, reach, prefix, lockMs, logger };
  const bounds = { maxStored: maxStoredJobs, maxSize: maxJobBytes };
  const jobs = new RedisJobStore({ ...shared, ...bounds, channels });
  const queue = new RedisJobQueue({ ...shared, channels, store: jobs });
  const deliveries = new RedisDeliveryQueue(shared);
  return {
    isShared: true,
    cache: new RedisResultCache(cache, reach, prefix),
    jobs,
    queue,
    deliveries,
    idempotency: new RedisIdempotencyStore(redis, reach, prefix),
    createLimiter: (options) =>
      new RateLimiterRedis({
        ...options,
        keyPrefix: [prefix, options.keyPrefix].join(':'),
        storeClient: redis,
        insuranceLimiter: new RateLimiterMemory(options),
      }),
    unreachable: () => check.unreachable(),
    async close() {
      queue.close();
      deliveries.close();
      await jobs.close();
      connections.close();
    },
  };
}
