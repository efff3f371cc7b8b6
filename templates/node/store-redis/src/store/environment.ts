import { z } from 'zod';
import { count, nodeEnvironment, requiredInProduction, requiredWhen } from '../environment.js';

const redisUrl = z.url({ protocol: /^rediss?$/, error: 'must be a URL of redis or rediss' });

/** What the store reads of the environment: where it keeps things, and how much it may keep. */
export const storeEnvironment = z
  .object({
    // What is wrong with it is said by the service's own schema.
    NODE_ENV: nodeEnvironment.catch('development'),
    QUEUE_REDIS_URL: redisUrl.optional(),
    CACHE_REDIS_URL: redisUrl.optional(),
    CACHE_MAX_ENTRIES: count(10_000),
    JOB_MAX_STORED: count(10_000),
  })
  .refine(...requiredInProduction('QUEUE_REDIS_URL', 'to a Redis server that never evicts'))
  .refine(...requiredInProduction('CACHE_REDIS_URL', 'to a Redis server that evicts'))
  .refine(...requiredWith('QUEUE_REDIS_URL', 'CACHE_REDIS_URL'))
  .refine(...requiredWith('CACHE_REDIS_URL', 'QUEUE_REDIS_URL'));

function requiredWith(name: string, other: string) {
  const message = `must be set too, since ${other} is`;
  return requiredWhen(name, (environment) => environment[other] !== undefined, message);
}
