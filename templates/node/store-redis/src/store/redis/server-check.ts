import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { ConfigError } from '../../config.js';
import type { Logger } from '../../telemetry/logger.js';

/** A process that starts while a server is away does not wait for it longer than this. */
const START_PATIENCE_MS = 2_000;

const KEEP_JOBS =
  'QUEUE_REDIS_URL: this server drops data when its memory is full, and jobs with it. Set its maxmemory-policy to noeviction';

/** What a server does when its memory is full. */
interface Eviction {
  readonly policy: string;
  /** In bytes; 0 is no limit. */
  readonly limit: number;
}

export interface Servers {
  readonly queue: Redis;
  readonly cache: Redis;
}

/** Looks, whenever a connection is made, whether the servers are set up for what they are to do. */
export class ServerCheck {
  #isQueueFit = true;
  readonly #firstLook: Promise<unknown>;

  constructor(
    private readonly servers: Servers,
    private readonly logger: Logger,
  ) {
    const { queue, cache } = servers;
    this.#firstLook = Promise.all([
      atEachConnection(queue, () => this.#checkQueue(queue)),
      atEachConnection(cache, () => this.#checkCache(cache)),
    ]);
  }

  /**
   * Waits for the first look at both, but not long.
   *
   * @throws {ConfigError} when the queue's server is not fit
   */
  async begin(): Promise<void> {
    await Promise.race([this.#firstLook, sleep(START_PATIENCE_MS, undefined, { ref: false })]);
    if (!this.#isQueueFit) throw new ConfigError([KEEP_JOBS]);
  }

  /** Names of the servers that do not answer, or are not fit. */
  async unreachable(): Promise<readonly string[]> {
    const { queue, cache } = this.servers;
    const [isQueueThere, isCacheThere] = await Promise.all([answers(queue), answers(cache)]);
    return [
      ...(isQueueThere && this.#isQueueFit ? [] : ['queue_redis']),
      ...(isCacheThere ? [] : ['cache_redis']),
    ];
  }

  async #checkQueue(redis: Redis): Promise<void> {
    const eviction = await readEviction(redis);
    if (eviction === undefined) {
      this.logger.warn({ server: 'queue_redis' }, 'cannot tell whether this server keeps all data');
    }
    this.#isQueueFit = eviction === undefined || eviction.policy === 'noeviction';
    if (!this.#isQueueFit) this.logger.error(KEEP_JOBS);
  }

  async #checkCache(redis: Redis): Promise<void> {
    const eviction = await readEviction(redis);
    if (eviction === undefined) return;
    if (eviction.policy === 'noeviction' || eviction.limit === 0) {
      this.logger.warn(
        { server: 'cache_redis', policy: eviction.policy, maxmemory: eviction.limit },
        'the cache makes no room when memory is full: set maxmemory, and maxmemory-policy allkeys-lru',
      );
    }
  }
}

/** @returns once it was done for the first time */
function atEachConnection(redis: Redis, look: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    redis.on('ready', () => void look().then(resolve));
  });
}

/** @returns undefined when the server does not let on: not everybody may ask */
async function readEviction(redis: Redis): Promise<Eviction | undefined> {
  const info = await redis.info('memory').catch(() => '');
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  const limit = /^maxmemory:(\d+)/m.exec(info)?.[1];
  return policy === undefined ? undefined : { policy, limit: Number(limit) };
}

async function answers(redis: Redis): Promise<boolean> {
  return redis.ping().then(
    () => true,
    () => false,
  );
}
