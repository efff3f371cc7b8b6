import { isRecord } from '../upstream-client.js';
import { upstreamFailure, type UpstreamError, type UpstreamProblem } from '../upstream-error.js';

/** The status that goes with each type of error: https://platform.claude.com/docs/en/api/errors */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Said with a 429 that no waiting mends. */
const SPENT = new Set(['contract_spend_limit_reached', 'enforced_spend_limit_reached']);

/** @param body of a failed answer, or the data of an `error` event */
export function readProblem(body: unknown): UpstreamProblem {
  const error = isRecord(body) ? body.error : undefined;
  if (!isRecord(error)) return {};
  const { message, type, details } = error;
  const problem = {
    message: typeof message === 'string' ? message : null,
    type: typeof type === 'string' ? type : null,
  };
  // Nothing but the model can be missing where messages are posted.
  if (type === 'not_found_error') return { ...problem, code: 'model_not_found', param: 'model' };
  const isSpent = isRecord(details) && SPENT.has(String(details.error_code));
  return isSpent ? { ...problem, code: 'insufficient_quota' } : problem;
}

/** A failure that is said within a stream, which has the status 200. */
export function streamedFailure(event: unknown): UpstreamError {
  const problem = readProblem(event);
  return upstreamFailure(STATUSES[problem.type ?? ''] ?? 500, problem);
}
