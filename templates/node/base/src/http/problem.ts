import { STATUS_CODES } from 'node:http';
import type { ApiError, ErrorBody } from '../errors.js';
import type { HttpAnswer } from './http-answer.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** A problem (RFC 9457) that OpenAI's SDKs read too. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly error: ErrorBody;
}

export function toProblem({ status, body }: ApiError, requestId: string): Problem {
  return {
    type: `/errors/${body.code.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: body.message,
    instance: `/requests/${requestId}`,
    error: body,
  };
}

export function problemAnswer(error: ApiError, requestId: string): HttpAnswer {
  return {
    status: error.status,
    headers: { ...error.headers, 'content-type': `${PROBLEM_TYPE}; charset=utf-8` },
    body: JSON.stringify(toProblem(error, requestId)),
  };
}
