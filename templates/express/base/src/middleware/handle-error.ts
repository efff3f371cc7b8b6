import type { ErrorRequestHandler } from 'express';
import { toApiError } from '../errors.js';
import { keepConnectionAmidUpload } from '../http/keep-connection.js';
import { problemAnswer } from '../http/problem.js';
import { sendAnswer } from '../http/send-answer.js';

/** Answers every failure as a problem. */
export const handleError: ErrorRequestHandler = (error: unknown, request, response, next) => {
  const { id, log, exchange } = request;
  const apiError = toApiError(error);
  if (apiError.status === 500 && !exchange.signal.aborted)
    log.error({ err: error, ...exchange.span?.ids }, 'request failed');
  if (response.headersSent) {
    next(error);
    return;
  }
  keepConnectionAmidUpload(response);
  sendAnswer(response, problemAnswer(apiError, id));
};
