import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import { expect } from 'vitest';
import type { Answer } from '../clients/client.js';
import { problem, type Problem } from '../schemas/problem.js';

export interface ExpectedProblem {
  status: number;
  code: string;
  /** Follows from the status unless the upstream chose another. */
  type?: string;
  /** A name, a pattern, or null; not looked at when left out. */
  param?: string | RegExp | null;
}

/** Checks an error answer in all that the contract says of every error, and returns its body. */
export function expectProblem(answer: Answer, expected: ExpectedProblem): Problem {
  expect(answer.status, answer.text).toBe(expected.status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json\b/u);
  const body = answer.as(problem);
  expect(body.status, 'status in the body').toBe(expected.status);
  expect(body.title, 'title is the reason phrase').toBe(STATUS_CODES[expected.status]);
  expect(body.detail, 'both shapes say the same').toBe(body.error.message);
  expect(body.instance).toBe(`/requests/${requestIdOf(answer.headers)}`);
  expect(body.error.type).toBe(expected.type ?? usualErrorType(expected.status));
  expect(body.error.code).toBe(expected.code);
  if (expected.param instanceof RegExp) expect(body.error.param).toMatch(expected.param);
  else if (expected.param !== undefined) expect(body.error.param).toBe(expected.param);
  expectNoInnards(answer.text);
  return body;
}

export function requestIdOf(headers: IncomingHttpHeaders): string {
  const id = headers['x-request-id'];
  expect(id, 'every answer has x-request-id').toMatch(/^[A-Za-z0-9._-]{1,128}$/u);
  return String(id);
}

export function usualErrorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** Nothing of how the backend is built may be seen: no stack, no file, no page. */
export function expectNoInnards(text: string): void {
  expect(text).not.toMatch(
    /<html|<!doctype|node_modules|"stack"|\n\s+at |\bat \S+ \(|Traceback|\.(?:js|ts|py|go):\d+/iu,
  );
}
