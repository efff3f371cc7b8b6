import { maxHeaderSize } from 'node:http';
import {
  LogController,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { Backend } from '../backend.js';
import { invalidRequest, toApiError } from '../errors.js';
import { answerClientError } from '../http/client-error.js';
import { requestId } from '../http/headers.js';
import { problemAnswer } from '../http/problem.js';
import { KEEP_ALIVE_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from '../http/running-server.js';
import { createRequestHook } from './request-hook.js';
import { sendAnswer } from './send-answer.js';

export function serverOptions(backend: Backend) {
  const beginExchange = createRequestHook(backend);
  return {
    loggerInstance: backend.logger,
    // One line a request is written when it is over, with the route's template in the place of the URL.
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'request_id',
    }),
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // Names of models are parameters, and may be long; Node's own limit of a request's head is the bound.
    routerOptions: { maxParamLength: maxHeaderSize },
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      // No hook runs before there is a route.
      beginExchange(request, reply, () => undefined);
      answerBadUrl(error, request, reply);
    },
    // Requests on connections that are still open while it closes are answered as all others are.
    return503OnClosing: false,
    // The adapter adds routes for HEAD.
    exposeHeadRoutes: false,
    // Nest's pipes check what comes in. Where these are missing, Fastify loads Ajv and fast-json-stringify.
    schemaController: { compilersFactory: { buildValidator: unused, buildSerializer: unused } },
  } satisfies FastifyServerOptions;
}

/** For a URL that cannot be decoded, before there is a route. */
function answerBadUrl(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem =
    error.code === 'FST_ERR_BAD_URL'
      ? invalidRequest('The URL cannot be decoded.')
      : toApiError(error);
  sendAnswer(reply, problemAnswer(problem, request.id));
}

function unused(): never {
  throw new Error('No route has a schema of Fastify.');
}
