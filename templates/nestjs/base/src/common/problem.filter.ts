import {
  Catch,
  HttpException,
  HttpStatus,
  Inject,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { ApiError, toApiError } from '../errors.js';
import { problemAnswer } from '../http/problem.js';
import { notFound } from '../http/request-errors.js';
import { routeOf } from '../platform/route.js';
import type { HttpRequest } from './http-request.js';
import { announcesBody } from './read-body.js';

/** Answers every failure, and every unknown route, as a problem. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  catch(error: unknown, context: ArgumentsHost): void {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    const { request: raw, response, signal, span } = request.exchange;
    const apiError = error instanceof HttpException ? fromNest(error, request) : toApiError(error);
    if (apiError.status === 500 && !signal.aborted)
      request.log.error({ err: error, ...span?.ids }, 'request failed');
    // Who answers amid an upload and closes the connection takes the answer with it: what still comes makes the system
    // reset the connection. Where it is kept, Node reads the rest and drops it.
    if (isUnread(raw)) response.shouldKeepAlive = true;
    this.host.httpAdapter.reply(http.getResponse(), problemAnswer(apiError, request.id));
  }
}

function isUnread(request: IncomingMessage): boolean {
  return announcesBody(request) && !request.readableEnded;
}

/** Nest's own exceptions: unknown routes, and what is thrown where one prefers them. */
function fromNest(error: HttpException, request: HttpRequest): ApiError {
  if (routeOf(request) === undefined) return notFound(request.method, request.url);
  const status = error.getStatus();
  if (status >= 500) return toApiError(error);
  const code = (HttpStatus[status] ?? 'invalid_request').toLowerCase();
  return new ApiError({ status, code, message: error.message, cause: error });
}
