import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { createApp } from './app.js';
import { createBackend, type Backend, type BackendOverrides } from './backend.js';
import type { Config } from './config.js';
import { invalidRequest, toApiError } from './errors.js';
import { answerClientError } from './http/client-error.js';
import { Exchange } from './http/exchange.js';
import { requestId } from './http/headers.js';
import { problemAnswer } from './http/problem.js';

/** How long a request may take to arrive, its body included. */
const REQUEST_TIMEOUT_MS = 120_000;

/** How long a connection is kept that has nothing to do: longer than proxies keep theirs. */
const KEEP_ALIVE_MS = 72_000;

/** How long answers that are on their way may take to arrive once all work is done. */
const LAST_BYTES_MS = 1_000;

export interface RunningServer {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Finishes what is in flight, then stops. */
  close(): Promise<void>;
}

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
  const server = createNodeServer(backend);
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  const url = urlOf(server);
  backend.logger.info({ url, provider: config.PROVIDER }, 'listening');
  return {
    url,
    async close() {
      await backend.drain();
      setTimeout(() => {
        server.closeAllConnections();
      }, LAST_BYTES_MS).unref();
      server.close();
      await once(server, 'close');
      await backend.close();
    },
  };
}

function createNodeServer(backend: Backend): Server {
  const app = createApp(backend);
  const listenerOptions = {
    // For requests without a host, which HTTP/1.0 knows.
    hostname: 'localhost',
    // Node itself reads what is left of a body; this would break off uploads that take longer than their answer.
    autoCleanupIncoming: false,
    errorHandler: (error: unknown) => answerOutsideApp(error, backend),
  };
  const options = { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS };
  const server = createServer(options, (incoming, outgoing) => {
    const exchange = new Exchange(outgoing, backend);
    const answer = (request: Request) => app.fetch(request, exchange);
    incoming.url = toWebTarget(exchange.url);
    void getRequestListener(answer, listenerOptions)(incoming, outgoing);
  });
  return server.on('clientError', answerClientError);
}

/** What is no part of a URL, but may be asked for all the same: the application knows it as it was sent. */
function toWebTarget(target: string): string {
  if (target === '*') return '/';
  return target.includes('\\') ? target.replaceAll('\\', '%5C') : target;
}

/** For a host that no `Request` can be made of: without one, there is no way into the application. */
function answerOutsideApp(error: unknown, { logger }: Backend): Response {
  const id = requestId(undefined);
  const apiError =
    error instanceof RequestError ? invalidRequest('The host is not valid.') : toApiError(error);
  if (apiError.status === 500) logger.error({ request_id: id, err: error }, 'request failed');
  const { status, headers, body } = problemAnswer(apiError, id);
  return new Response(body as string, { status, headers: { 'x-request-id': id, ...headers } });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
