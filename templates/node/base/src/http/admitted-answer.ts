import type { Backend } from '../backend.js';
import { toApiError } from '../errors.js';
import { singleHeader, type Caller } from './caller.js';
import { parseIdempotencyKey } from './headers.js';
import type { HttpAnswer } from './http-answer.js';
import { answerOnce } from './idempotent-answer.js';

/**
 * Answers within the caller's limits, and once only where the caller sends an `Idempotency-Key`. The answer, also one
 * that is thrown, says how the caller stands to the limits.
 *
 * @param payload all that decides the answer, beside who calls
 */
export function answerAdmitted(
  backend: Backend,
  caller: Caller,
  payload: readonly unknown[],
  answer: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const { limits, idempotency } = backend;
  const answerWithinLimits = () => withHeaders(limits.admit(caller.key), answer);
  const key = parseIdempotencyKey(singleHeader(caller.exchange.headers['idempotency-key']));
  if (key === undefined) return answerWithinLimits();

  const begin = () => idempotency.begin({ tenant: caller.tenant, key, payload });
  return withHeaders(limits.look(caller.key), () =>
    answerOnce(begin, caller.exchange.signal, answerWithinLimits),
  );
}

async function withHeaders(
  standing: Promise<Record<string, string>>,
  answer: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const headers = await standing;
  try {
    const { status, body, headers: own } = await answer();
    return { status, body, headers: Object.assign(headers, own) };
  } catch (error) {
    throw toApiError(error).withHeaders(headers);
  }
}
