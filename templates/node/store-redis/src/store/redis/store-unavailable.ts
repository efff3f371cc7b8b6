import { ApiError } from '../../errors.js';

/**
 * Waits for a command. Whatever it fails with, the caller is told that the store cannot be reached; errors of Redis hold
 * the command itself, and with it what callers sent.
 *
 * @throws {ApiError} 503
 */
export async function reach<Reply>(command: Promise<Reply>): Promise<Reply> {
  try {
    return await command;
  } catch (error) {
    throw storeUnavailable(new Error((error as Error).message));
  }
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
