import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAppServer } from './app-server.js';
import { createApp } from './app.js';
import { createBackend, type BackendOverrides } from './backend.js';
import type { Config } from './config.js';
import { answerClientError } from './http/client-error.js';

/** How long a request may take to arrive, its body included. */
const REQUEST_TIMEOUT_MS = 120_000;

/** Longer than proxies keep a connection that is idle, so that they do not send a request into one that closes. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

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
  const timeouts = { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS };
  const server = createAppServer(createApp(backend), timeouts);
  server.on('clientError', answerClientError);
  const url = await listen(server, config);
  backend.logger.info({ url, provider: config.PROVIDER }, 'listening');
  return {
    url,
    async close() {
      await backend.drain();
      setTimeout(() => {
        server.closeAllConnections();
      }, LAST_BYTES_MS).unref();
      await once(server.close(), 'close');
      await backend.close();
    },
  };
}

async function listen(server: Server, { HOST, PORT }: Config): Promise<string> {
  await once(server.listen(PORT, HOST), 'listening');
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${String(port)}`;
}
