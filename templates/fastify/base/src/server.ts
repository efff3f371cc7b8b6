import { lookup } from 'node:dns/promises';
import { buildApp } from './app.js';
import { createBackend, type BackendOverrides } from './backend.js';
import type { Config } from './config.js';
import { endLateConnections, type RunningServer } from './http/running-server.js';

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
  // At one: for `localhost` Fastify would add a second server, without this one's settings.
  const { address: host } = await lookup(config.HOST);
  const url = await app.listen({ host, port: config.PORT });
  backend.logger.info({ url, provider: config.PROVIDER }, 'listening');
  return {
    url,
    async close() {
      await backend.drain();
      endLateConnections(app.server);
      await app.close();
    },
  };
}
