import { createServer, type Server } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { createApp } from './app.js';
import { createBackend, type Backend, type BackendOverrides } from './backend.js';
import type { Config } from './config.js';
import { invalidRequest, toApiError } from './errors.js';
import { Exchange } from './http/exchange.js';
import { requestId } from './http/headers.js';
import { problemAnswer } from './http/problem.js';
import { recordRequest } from './http/record-request.js';
import {
  KEEP_ALIVE_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  type RunningServer,
} from './http/running-server.js';
import { serve } from './http/serve.js';

/**
 * Starts to listen. Port 0 takes a free one.
 *
 * @throws {ConfigError} when `models.json` is not valid
 */
export async function startServer(
  config: Config,
  overrides?: BackendOverrides,
): Promise<RunningServer> {
  const backend = await createBackend(config, overrides);
  return serve(createNodeServer(backend), backend);
}

const LISTENER_OPTIONS = {
  // For requests without a host, which HTTP/1.0 knows.
  hostname: 'localhost',
  // Node itself reads what is left of a body; this would break off uploads that take longer than their answer.
  autoCleanupIncoming: false,
};

function createNodeServer(backend: Backend): Server {
  const app = createApp(backend);
  const options = { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS };
  return createServer(options, (incoming, outgoing) => {
    const exchange = new Exchange(outgoing, backend);
    const answer = (request: Request) => app.fetch(request, exchange);
    incoming.url = toWebTarget(exchange.url);
    const listener = getRequestListener(answer, {
      ...LISTENER_OPTIONS,
      errorHandler: (error) => answerOutsideApp(error, exchange, backend),
    });
    void listener(incoming, outgoing);
  });
}

/** What is no part of a URL, but may be asked for all the same: the application knows it as it was sent. */
function toWebTarget(target: string): string {
  if (target === '*') return '/';
  return target.includes('\\') ? target.replaceAll('\\', '%5C') : target;
}

/** For a URL or a host that no `Request` can be made of: without one, there is no way into the application. */
function answerOutsideApp(
  error: unknown,
  exchange: Exchange,
  { logger: root, metrics }: Backend,
): Response {
  const id = requestId(exchange.headers['x-request-id']);
  const logger = root.child({ request_id: id });
  const isRefused = error instanceof RequestError;
  // What fails after the application had it, the application has noted.
  if (isRefused) {
    exchange.onEnd(() => {
      recordRequest(exchange, undefined, { logger, metrics });
    });
  } else logger.error({ err: error }, 'request failed');
  const apiError = isRefused
    ? invalidRequest('The URL or the host is not valid.')
    : toApiError(error);
  const { status, headers, body } = problemAnswer(apiError, id);
  return new Response(body as string, { status, headers: { 'x-request-id': id, ...headers } });
}
