import fp from 'fastify-plugin';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  type ZodFastifySchemaValidationError,
} from 'fastify-type-provider-zod';
import type { Backend } from '../backend.js';
import { ApiError, invalidRequest, schemaViolation, toApiError } from '../errors.js';
import { Exchange } from '../http/exchange.js';
import { keepConnectionAmidUpload } from '../http/keep-connection.js';
import { problemAnswer } from '../http/problem.js';
import { recordRequest } from '../http/record-request.js';
import {
  invalidJson,
  notFound,
  payloadTooLarge,
  unsupportedMediaType,
} from '../http/request-errors.js';

/** Answers every failure, and every unknown route, as a problem. */
export const errorsPlugin = fp(
  (app, _options, done) => {
    app.setErrorHandler(answerError);
    // Before the body is read: whatever it is, there is nothing to give it to.
    app.addHook('onRequest', (request, _reply, next) => {
      next(request.is404 ? notFound(request.method, request.url) : undefined);
    });
    done();
  },
  { name: 'errors', fastify: '5.x' },
);

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const apiError = fromFastify(error);
  const { signal, span } = request.exchange;
  if (apiError.status === 500 && !signal.aborted)
    request.log.error({ err: error, ...span?.ids }, 'request failed');
  return sendProblem(apiError, request, reply);
}

function sendProblem(error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { id } = request;
  const { status, headers, body } = problemAnswer(error, id);
  keepConnectionAmidUpload(reply.raw);
  keepConnection(reply);
  return reply
    .code(status)
    .headers({ 'x-request-id': id, ...headers })
    .send(body);
}

/** Fastify closes connections after bodies that it refuses, also after those that were read to their end. */
function keepConnection(reply: FastifyReply): void {
  if (!reply.raw.shouldKeepAlive || reply.getHeader('connection') !== 'close') return;
  const seconds = Math.floor(reply.server.server.keepAliveTimeout / 1000);
  reply.headers({ connection: 'keep-alive', 'keep-alive': `timeout=${seconds}` });
}

/** For a URL that cannot be decoded: there is no route, and no hook has run. */
export function answerBadUrl(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  backend: Backend,
): void {
  const { log: logger } = request;
  const exchange = new Exchange(reply.raw, backend);
  exchange.onEnd(() => {
    recordRequest(exchange, undefined, { logger, metrics: backend.metrics });
  });
  sendProblem(fromFastify(error), request, reply);
}

/** Fastify's own failures, by its codes: https://fastify.dev/docs/latest/Reference/Errors/ */
const FASTIFY_FAILURES: Readonly<Record<string, () => ApiError>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: invalidJson,
  FST_ERR_CTP_EMPTY_JSON_BODY: invalidJson,
  FST_ERR_CTP_BODY_TOO_LARGE: payloadTooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaType,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    invalidRequest('The request body is not as long as its Content-Length says.'),
  FST_ERR_BAD_URL: () => invalidRequest('The URL cannot be decoded.'),
};

function fromFastify(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return schemaViolation(toIssues(error));
  const { code = '' } = (error ?? {}) as Partial<FastifyError>;
  return FASTIFY_FAILURES[code]?.() ?? toApiError(error);
}

/** The schema's own issues, out of the JSON pointers that Fastify wants errors to have. */
function toIssues({
  validation,
}: {
  readonly validation: readonly ZodFastifySchemaValidationError[];
}) {
  return validation.map(({ instancePath, message = 'is not valid' }) => ({
    path: instancePath.split('/').filter(Boolean),
    message,
  }));
}
