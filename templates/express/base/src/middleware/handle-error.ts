import type { ErrorRequestHandler } from 'express';
import { sendAnswer } from '../components/send-answer.js';
import { ApiError, toApiError } from '../errors.js';
import { keepConnectionAmidUpload } from '../http/keep-connection.js';
import { problemAnswer } from '../http/problem.js';

/** Answers every failure as a problem. */
export const handleError: ErrorRequestHandler = (error: unknown, request, response, next) => {
  const { id, log, exchange } = request;
  const apiError = fromExpress(error);
  if (apiError.status === 500 && !exchange.signal.aborted)
    log.error({ err: error, ...exchange.span?.ids }, 'request failed');
  if (response.headersSent) {
    next(error);
    return;
  }
  keepConnectionAmidUpload(response);
  sendAnswer(response, problemAnswer(apiError, id));
};

interface HttpError extends Error {
  readonly status: number;
  /** Whether the caller may see it. */
  readonly expose: true;
}

/** What Express and its middleware throw: https://github.com/jshttp/http-errors */
function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && 'expose' in error && error.expose === true;
}

function fromExpress(error: unknown): ApiError {
  return isHttpError(error)
    ? new ApiError({ status: error.status, code: 'invalid_request', message: error.message })
    : toApiError(error);
}
