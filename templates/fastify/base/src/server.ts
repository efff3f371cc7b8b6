import { buildApp } from './app.js';
import { createBackend, type BackendOverrides } from './backend.js';
import type { Config } from './config.js';

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
  const app = await buildApp(backend);
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  backend.logger.info({ url, provider: config.PROVIDER }, 'listening');
  return {
    url,
    async close() {
      await backend.drain();
      setTimeout(() => {
        app.server.closeAllConnections();
      }, LAST_BYTES_MS).unref();
      await app.close();
    },
  };
}
