import { UpstreamError } from '../providers/upstream-error.js';

const BASE_MS = 250;
const MAX_MS = 8_000;
/** A provider that wants to be left alone for longer is not waited for. */
const MAX_RETRY_AFTER_MS = 10_000;

/**
 * How long to wait before the same target is asked again: random, up to a limit that doubles ("full jitter"), so that
 * those who failed together do not come back together.
 *
 * @param attempts how often the target was asked so far, 1 or more
 * @returns milliseconds; null when it is not to be asked again
 */
export function retryDelay(error: UpstreamError, attempts: number): number | null {
  if (!error.traits.isPassing) return null;
  const { retryAfterMs } = error;
  if (retryAfterMs !== null && retryAfterMs > MAX_RETRY_AFTER_MS) return null;
  const jitter = Math.random() * Math.min(MAX_MS, BASE_MS * 2 ** (attempts - 1));
  return (retryAfterMs ?? 0) + jitter;
}
