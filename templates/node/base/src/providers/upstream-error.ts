import { ApiError, type ApiErrorInit } from '../errors.js';

/** A model call that failed, said in the terms of this service's own answers. */
export class UpstreamError extends ApiError {
  override readonly name = 'UpstreamError';

  /** @param upstreamStatus what the provider answered with; null when it did not come to that */
  constructor(
    init: ApiErrorInit,
    readonly upstreamStatus: number | null = null,
  ) {
    super(init);
  }
}

/** What an OpenAI-compatible server says of a failure. */
export interface UpstreamProblem {
  readonly message?: string | null;
  readonly type?: string | null;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** The caller's own mistakes, as the provider sees them. */
const PASSED_ON = new Set([400, 404, 413, 422]);

/**
 * @param status of the provider's answer, 400 or above
 * @param problem from its body
 * @param retryAfter its `Retry-After` header
 */
export function upstreamFailure(
  status: number,
  problem: UpstreamProblem,
  retryAfter?: string,
): UpstreamError {
  return new UpstreamError(describeFailure(status, problem, retryAfter), status);
}

function describeFailure(
  status: number,
  problem: UpstreamProblem,
  retryAfter?: string,
): ApiErrorInit {
  if (PASSED_ON.has(status)) return passedOn(status, problem);
  if (status === 429) return rateLimit(problem, retryAfter);
  if (status === 408) return timeout('The model provider timed out.');
  return fault(`The model provider failed with status ${String(status)}.`);
}

export function upstreamTimeout(message: string): UpstreamError {
  return new UpstreamError(timeout(message));
}

/** The provider's fault, or this service's (its key, its network), but never the caller's. */
export function upstreamFault(message: string, cause?: unknown): UpstreamError {
  return new UpstreamError(fault(message, cause));
}

function passedOn(status: number, problem: UpstreamProblem): ApiErrorInit {
  return {
    status,
    code: problem.code ?? 'invalid_request',
    message: problem.message ?? 'The model provider refused the request.',
    param: problem.param ?? null,
    ...(problem.type == null ? {} : { type: problem.type }),
  };
}

function rateLimit(problem: UpstreamProblem, retryAfter = '1'): ApiErrorInit {
  return {
    status: 429,
    code: problem.code ?? 'rate_limit_exceeded',
    message: problem.message ?? "The model provider's rate limit is reached.",
    headers: { 'retry-after': retryAfter },
  };
}

function timeout(message: string): ApiErrorInit {
  return { status: 504, code: 'upstream_timeout', message };
}

function fault(message: string, cause?: unknown): ApiErrorInit {
  return { status: 502, code: 'upstream_error', message, cause };
}

/** Whether another place may do better. A request that is wrong in itself is wrong everywhere. */
export function isWorthAnotherTarget(error: unknown): boolean {
  return error instanceof UpstreamError && (error.status === 429 || error.status >= 500);
}
