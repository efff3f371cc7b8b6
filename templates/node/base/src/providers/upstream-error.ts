import { ApiError, type ApiErrorInit } from '../errors.js';
import { parseRetryAfter, retryAfter } from './retry-after.js';

interface FailureTraits {
  /** Whether the same target may do better a moment later. */
  readonly isPassing: boolean;
  /** Whether another target may do better. A request that is wrong in itself is wrong everywhere. */
  readonly isLocal: boolean;
  /** Whether the target is to be left alone when it happens again and again. */
  readonly isOutage: boolean;
}

/** All ways in which a model call fails. Their names are labels of metrics too. */
const FAILURES = {
  invalid_request: { isPassing: false, isLocal: false, isOutage: false },
  /** The provider refuses this service: its key, its account, the place it calls from. */
  refused: { isPassing: false, isLocal: true, isOutage: false },
  rate_limited: { isPassing: true, isLocal: true, isOutage: false },
  out_of_quota: { isPassing: false, isLocal: true, isOutage: false },
  server_error: { isPassing: true, isLocal: true, isOutage: true },
  connection_error: { isPassing: true, isLocal: true, isOutage: true },
  /** No answer began in time. */
  timeout: { isPassing: true, isLocal: true, isOutage: true },
  /** Nor did one that comes in one piece. It may be nearly done, and paid for: the same target is not asked twice. */
  silence: { isPassing: false, isLocal: true, isOutage: true },
  /** The time for the whole call is over, and with it the time for trying again. */
  overdue: { isPassing: false, isLocal: false, isOutage: true },
  /** An answer began and is of no use. It has been paid for: the same target is not asked twice. */
  broken_answer: { isPassing: false, isLocal: true, isOutage: false },
} as const satisfies Record<string, FailureTraits>;

export type FailureKind = keyof typeof FAILURES;

interface UpstreamAnswer {
  /** What the provider answered with; null when it did not come to that. */
  readonly upstreamStatus?: number | null;
  /** How long the provider wants to be left alone, in milliseconds; null when it does not say. */
  readonly retryAfterMs?: number | null;
}

/** A model call that failed, said in the terms of this service's own answers. */
export class UpstreamError extends ApiError {
  override readonly name = 'UpstreamError';
  readonly upstreamStatus: number | null;
  readonly retryAfterMs: number | null;

  constructor(
    readonly kind: FailureKind,
    init: ApiErrorInit,
    { upstreamStatus = null, retryAfterMs = null }: UpstreamAnswer = {},
  ) {
    super(init);
    this.upstreamStatus = upstreamStatus;
    this.retryAfterMs = retryAfterMs;
  }

  get traits(): FailureTraits {
    return FAILURES[this.kind];
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

/** Said with a 429 that no waiting mends: https://platform.openai.com/docs/guides/error-codes */
const OUT_OF_QUOTA = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
]);

/** OpenAI's SDKs repeat what failed with 429 or 5xx, unless they are told that it will not help. */
const DO_NOT_RETRY = { 'x-should-retry': 'false' };

/**
 * @param status of the provider's answer, 400 or above
 * @param problem from its body
 * @param retryAfterHeader its `Retry-After` header
 */
export function upstreamFailure(
  status: number,
  problem: UpstreamProblem,
  retryAfterHeader?: string,
): UpstreamError {
  const retryAfterMs = parseRetryAfter(retryAfterHeader);
  const kind = failureKind(status, problem);
  const answer = { upstreamStatus: status, retryAfterMs };
  return new UpstreamError(kind, describeFailure(kind, status, problem, retryAfterMs), answer);
}

function failureKind(status: number, { code, type }: UpstreamProblem): FailureKind {
  if (PASSED_ON.has(status)) return 'invalid_request';
  if (status === 408) return 'timeout';
  if (status >= 500) return 'server_error';
  if (status !== 429) return 'refused';
  return OUT_OF_QUOTA.has(code ?? '') || OUT_OF_QUOTA.has(type ?? '')
    ? 'out_of_quota'
    : 'rate_limited';
}

function describeFailure(
  kind: FailureKind,
  status: number,
  problem: UpstreamProblem,
  retryAfterMs: number | null,
): ApiErrorInit {
  if (kind === 'invalid_request') return passedOn(status, problem);
  if (kind === 'timeout') return timeout('The model provider timed out.');
  if (kind === 'rate_limited') return rateLimit(problem, retryAfter(retryAfterMs));
  if (kind === 'out_of_quota') {
    return rateLimit(problem, { ...retryAfter(retryAfterMs), ...DO_NOT_RETRY });
  }
  const failure = fault(`The model provider failed with status ${String(status)}.`);
  return kind === 'refused' ? { ...failure, headers: DO_NOT_RETRY } : failure;
}

/** No connection, or no beginning of an answer, in time. */
export function upstreamTimeout(message: string): UpstreamError {
  return new UpstreamError('timeout', timeout(message));
}

/** An answer that comes in one piece did not come in time. */
export function upstreamSilence(message: string): UpstreamError {
  return new UpstreamError('silence', timeout(message));
}

/** The answer did not end within the time for the whole call. */
export function upstreamOverdue(message: string): UpstreamError {
  return new UpstreamError('overdue', timeout(message));
}

/** The connection could not be made, or broke before an answer began. */
export function upstreamUnreachable(message: string, cause: unknown): UpstreamError {
  return new UpstreamError('connection_error', fault(message, cause));
}

/** What the provider answered, or the part of it that came, is no answer. */
export function upstreamFault(message: string, cause?: unknown): UpstreamError {
  return new UpstreamError('broken_answer', fault(message, cause));
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

function rateLimit(problem: UpstreamProblem, headers: Record<string, string>): ApiErrorInit {
  return {
    status: 429,
    code: problem.code ?? 'rate_limit_exceeded',
    message: problem.message ?? "The model provider's rate limit is reached.",
    headers,
  };
}

function timeout(message: string): ApiErrorInit {
  return { status: 504, code: 'upstream_timeout', message };
}

function fault(message: string, cause?: unknown): ApiErrorInit {
  return { status: 502, code: 'upstream_error', message, cause };
}

export function cutStream(): UpstreamError {
  return upstreamFault('The model provider ended its stream before the answer was complete.');
}
