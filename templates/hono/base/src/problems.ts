import type { ErrorHandler, NotFoundHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from './env.js';
import { toApiError } from './errors.js';
import { problemAnswer, type Problem } from './http/problem.js';
import { notFound } from './http/request-errors.js';
import { send } from './web/send.js';

type ProblemStatus = 400 | 401 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;

/** What any route may answer in the place of what it is for. */
export type ProblemResponses = Record<ProblemStatus, { json: Problem }>;

/** Answers every failure as a problem. */
export const answerError: ErrorHandler<AppEnv> = (error, c) => {
  const apiError = toApiError(error);
  const { signal, span } = c.env;
  if (apiError.status === 500 && !signal.aborted)
    c.get('logger').error({ err: error, ...span?.ids }, 'request failed');
  c.env.keepAmidUpload();
  return send(c, problemAnswer(apiError, c.get('requestId')));
};

export const answerNotFound: NotFoundHandler<AppEnv> = (c) => {
  throw notFound(c.req.method, c.env.url);
};

/** Hono gives `onError` nothing but errors. Anything can be thrown, and has to be answered. */
export const throwErrors = createMiddleware(async (_c, next) => {
  try {
    await next();
  } catch (thrown) {
    throw thrown instanceof Error ? thrown : new Error(`This was thrown: ${String(thrown)}`);
  }
});
