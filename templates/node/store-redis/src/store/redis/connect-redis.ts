import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../../telemetry/logger.js';

/** A server that has said nothing for so long is taken for dead, and connected to anew. */
const SILENCE_MS = 3_000;

const LONGEST_BREAK_MS = 1_000;

const COMMON = {
  connectTimeout: 3_000,
  retryStrategy: (times) => Math.min(50 * 2 ** times, LONGEST_BREAK_MS),
  reconnectOnError: isReplica,
} satisfies RedisOptions;

/**
 * A connection whose commands fail at once while the server is away, and soon when it does not answer: somebody waits
 * for them. It comes back by itself.
 *
 * @param name how the log names the server
 */
export function connectRedis(url: string, name: string, timeoutMs: number, logger: Logger): Redis {
  const redis = new Redis(url, {
    ...COMMON,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    socketTimeout: SILENCE_MS,
  });
  logOutages(redis, name, logger);
  return redis;
}

/**
 * A connection whose commands wait until the server is back, and are sent again where it left them unanswered.
 *
 * @param silenceMs longer than any command takes
 */
export function connectPatiently(url: string, silenceMs: number): Redis {
  const redis = new Redis(url, {
    ...COMMON,
    maxRetriesPerRequest: null,
    socketTimeout: silenceMs,
    // 2 sends the command that was refused once more.
    reconnectOnError: (error) => isReplica(error) && 2,
  });
  // The other connection to the same server tells of outages.
  redis.on('error', () => undefined);
  return redis;
}

/** After a failover the old primary lives on as a replica. */
function isReplica({ message }: Error): boolean {
  return message.startsWith('READONLY');
}

/** One line for an outage and one for its end, however often the connection is tried in between. */
function logOutages(redis: Redis, server: string, logger: Logger): void {
  let isAway = false;
  const leave = (reason: string) => {
    if (!isAway) logger.warn({ server, reason }, 'Redis cannot be reached');
    isAway = true;
  };
  // Only the message: an error may hold the command, and with it a password or a prompt.
  redis.on('error', ({ message }: Error) => {
    leave(message);
  });
  redis.on('reconnecting', () => {
    leave('the connection was closed');
  });
  redis.on('ready', () => {
    if (isAway) logger.info({ server }, 'Redis can be reached again');
    isAway = false;
  });
}
