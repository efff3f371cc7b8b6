import type { ErrorHandler, NotFoundHandler } from 'hono';
import type { AppEnv } from './env.js';
import { toApiError } from './errors.js';
import { problemAnswer } from './http/problem.js';
import { notFound } from './http/request-errors.js';
import { send } from './web/send.js';

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
