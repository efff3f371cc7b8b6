import { ApiError } from '../errors.js';
import type { Logger } from '../telemetry/logger.js';

/**
 * Logs what broke off a stream. What went wrong upstream is logged where it did, without its causes: they may quote what
 * was asked or answered.
 */
export function logStreamFailure(error: unknown, logger: Pick<Logger, 'error'>): void {
  if (!(error instanceof ApiError)) logger.error({ err: error }, 'stream failed');
}
