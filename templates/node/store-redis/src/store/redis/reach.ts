import { ReplyError } from 'ioredis';
import { ApiError } from '../../errors.js';
import type { Logger } from '../../telemetry/logger.js';

/**
 * Waits for a command. Whatever it fails with, the caller is told that the store cannot be reached; errors of Redis hold
 * the command itself, and with it what callers sent.
 *
 * @throws {ApiError} 503
 */
export type Reach = <Reply>(command: Promise<Reply>) => Promise<Reply>;

/** Commands are many, and what is refused once is refused again. */
const LOG_INTERVAL_MS = 10_000;

export function createReach(logger: Logger): Reach {
  let loggedAt = -Infinity;
  return async (command) => {
    try {
      return await command;
    } catch (error) {
      const { message } = error as Error;
      // It was reached, and refused: its memory may be full. That it cannot be reached is said by the connection.
      if (error instanceof ReplyError && performance.now() - loggedAt > LOG_INTERVAL_MS) {
        loggedAt = performance.now();
        logger.error({ reason: message }, 'Redis refuses a command');
      }
      throw storeUnavailable(new Error(message));
    }
  };
}

function storeUnavailable(cause: Error): ApiError {
  return new ApiError({
    status: 503,
    code: 'store_unavailable',
    message: 'What keeps jobs cannot be reached at the moment.',
    headers: { 'retry-after': '5' },
    cause,
  });
}
