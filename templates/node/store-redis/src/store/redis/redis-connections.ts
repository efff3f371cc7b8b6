import type { Redis } from 'ioredis';
import type { Logger } from '../../telemetry/logger.js';
import { connectPatiently, connectRedis } from './connect-redis.js';
import { RedisChannels } from './redis-channels.js';

/** Somebody waits for an answer of these. */
const QUEUE_TIMEOUT_MS = 1_000;
const CACHE_TIMEOUT_MS = 500;

/** Longer than any command takes, those included that wait for the next job. */
const PATIENT_SILENCE_MS = 20_000;

export interface RedisUrls {
  readonly queueUrl: string;
  readonly cacheUrl: string;
}

/** The connections of one process to both servers. */
export class RedisConnections {
  readonly queue: Redis;
  readonly cache: Redis;
  readonly channels: RedisChannels;
  readonly #patient: Redis[] = [];

  constructor(
    private readonly urls: RedisUrls,
    logger: Logger,
  ) {
    this.queue = connectRedis(urls.queueUrl, 'queue_redis', QUEUE_TIMEOUT_MS, logger);
    this.cache = connectRedis(urls.cacheUrl, 'cache_redis', CACHE_TIMEOUT_MS, logger);
    this.channels = new RedisChannels(() => this.connectPatiently());
  }

  /** One more connection to the queue's server, for what may wait until that is there. */
  connectPatiently(): Redis {
    const redis = connectPatiently(this.urls.queueUrl, PATIENT_SILENCE_MS);
    this.#patient.push(redis);
    return redis;
  }

  close(): void {
    this.channels.close();
    for (const redis of [this.queue, this.cache, ...this.#patient]) redis.disconnect();
  }
}
