import {
  Catch,
  HttpException,
  HttpStatus,
  Inject,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiError, toApiError } from '../errors.js';
import { keepConnectionAmidUpload } from '../http/keep-connection.js';
import { problemAnswer } from '../http/problem.js';
import { notFound } from '../http/request-errors.js';
import { routeOf } from '../platform/route.js';
import type { HttpRequest } from './http-request.js';

const INTERNAL_SERVER_ERROR: number = HttpStatus.INTERNAL_SERVER_ERROR;

/** Answers every failure, and every unknown route, as a problem. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  catch(error: unknown, context: ArgumentsHost): void {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    const { response, signal, span } = request.exchange;
    const apiError = error instanceof HttpException ? fromNest(error, request) : toApiError(error);
    if (apiError.status === 500 && !signal.aborted)
      request.log.error({ err: error, ...span?.ids }, 'request failed');
    const { httpAdapter: adapter } = this.host;
    if (adapter.isHeadersSent(http.getResponse())) {
      // Whoever has a part of an answer must not take it for the whole.
      if (!response.writableEnded) response.destroy();
      return;
    }
    keepConnectionAmidUpload(response);
    const { headers, ...answer } = problemAnswer(apiError, request.id);
    adapter.reply(http.getResponse(), {
      ...answer,
      headers: { 'x-request-id': request.id, ...headers },
    });
  }
}

/** Nest's own exceptions: unknown routes, and what is thrown where one prefers them. */
function fromNest(error: HttpException, request: HttpRequest): ApiError {
  if (error instanceof NotFoundException && routeOf(request) === undefined)
    return notFound(request.method, request.originalUrl);
  const status = error.getStatus();
  if (status === INTERNAL_SERVER_ERROR) return toApiError(error);
  const code = (HttpStatus[status] ?? 'invalid_request').toLowerCase();
  return new ApiError({ status, code, message: error.message, cause: error });
}
