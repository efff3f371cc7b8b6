import type { Store } from '../../src/store/ports.js';
import { createRedisStore, type RedisStoreOptions } from '../../src/store/redis/redis-store.js';
import { createLogger } from '../../src/telemetry/logger.js';
import type { RedisPlace } from './use-redis.js';

/** A store as a process of its own would have it. */
export function createTestStore(
  { url, prefix }: Pick<RedisPlace, 'url' | 'prefix'>,
  options: Partial<RedisStoreOptions> = {},
): Promise<Store> {
  return createRedisStore(
    { queueUrl: url, cacheUrl: url, prefix, maxStoredJobs: 1_000, ...options },
    createLogger({ LOG_LEVEL: 'silent' }),
  );
}
