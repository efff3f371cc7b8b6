import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import type { Config } from '../../config.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Store } from '../ports.js';
import { MemoryDeliveryQueue } from './memory-delivery-queue.js';
import { MemoryIdempotencyStore } from './memory-idempotency-store.js';
import { MemoryJobQueue } from './memory-job-queue.js';
import { MemoryJobStore } from './memory-job-store.js';
import { MemoryResultCache } from './memory-result-cache.js';

/** Keeps everything in this process: nothing to install, nothing that outlives it. */
export function createMemoryStore(config: Config, logger: Logger): Store {
  const jobs = new MemoryJobStore(config.JOB_MAX_STORED);
  return {
    isShared: false,
    cache: new MemoryResultCache(config.CACHE_MAX_ENTRIES),
    jobs,
    queue: new MemoryJobQueue(),
    deliveries: new MemoryDeliveryQueue(logger),
    idempotency: new MemoryIdempotencyStore(),
    createLimiter: (options) => new RateLimiterMemory(options),
    unreachable: () => Promise.resolve([]),
    close: () => jobs.close(),
  };
}
