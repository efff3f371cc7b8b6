import { service } from '../service.js';
import { createMemoryStore } from './memory/memory-store.js';
import type { CreateStore } from './ports.js';

/** Keeps everything in Redis; in development, where no Redis is named, in this process. */
export const createStore: CreateStore = async (config, logger) => {
  const { QUEUE_REDIS_URL: queueUrl, CACHE_REDIS_URL: cacheUrl, JOB_MAX_STORED } = config;
  if (queueUrl === undefined || cacheUrl === undefined) {
    logger.info('QUEUE_REDIS_URL and CACHE_REDIS_URL are not set: this process keeps everything');
    return createMemoryStore(config, logger);
  }
  // Only here, since loading it takes time that development and tests need not spend.
  const { createRedisStore } = await import('./redis/redis-store.js');
  const options = { queueUrl, cacheUrl, maxStoredJobs: JOB_MAX_STORED, prefix: service.name };
  return createRedisStore(options, logger);
};
