import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe } from 'vitest';
import { hasRedisServer, RedisServer } from './redis-server.js';

const givenUrl = process.env.TEST_REDIS_URL;
const isEverythingRequired = process.env.CI === 'true';

/** Servers and workers are waited for. */
const TIMEOUT_MS = 60_000;

/** A `describe` of tests that need Redis: a server in `TEST_REDIS_URL`, or `redis-server` on the path. */
export const describeWithRedis = describeIf(
  hasRedisServer || givenUrl !== undefined,
  'needs redis-server or TEST_REDIS_URL',
);

/** A `describe` of tests that stop and start servers. */
export const describeWithRedisServers = describeIf(
  // Where a server is given, there need not be another.
  hasRedisServer,
  'needs redis-server',
  isEverythingRequired && givenUrl === undefined,
);

function describeIf(isThere: boolean, need: string, isRequired = isEverythingRequired) {
  if (!isThere && isRequired) throw new Error(`These tests need Redis: ${need}.`);
  return (title: string, tests: () => void) => {
    const options = { timeout: TIMEOUT_MS };
    describe.skipIf(!isThere)(isThere ? title : `${title} (${need})`, options, tests);
  };
}

/** A place in a Redis server for the tests of one `describe`. */
export interface RedisPlace {
  readonly url: string;
  /** What every key begins with; all of them are gone at the end. */
  readonly prefix: string;
  readonly redis: Redis;
}

export function useRedis(): RedisPlace {
  const prefix = `test-${randomUUID()}`;
  const place: { server?: RedisServer; redis?: Redis } = {};
  beforeAll(async () => {
    if (givenUrl === undefined) place.server = await RedisServer.start();
    place.redis = new Redis(givenUrl ?? place.server?.url ?? '');
  });
  afterAll(async () => {
    const keys = (await place.redis?.keys(`${prefix}:*`)) ?? [];
    if (keys.length > 0) await place.redis?.unlink(...keys);
    place.redis?.disconnect();
    await place.server?.remove();
  });
  const started = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error('Redis is there once the tests run.');
    return part;
  };
  return {
    prefix,
    get url() {
      return givenUrl ?? started(place.server).url;
    },
    get redis() {
      return started(place.redis);
    },
  };
}
