import { lookup } from 'node:dns/promises';
import { createApp } from './app.js';
import { createBackend, type BackendOverrides } from './backend.js';
import type { Config } from './config.js';
import type { RunningServer } from './http/running-server.js';

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
  const app = await createApp(backend);
  // At one, also where a name such as `localhost` has several.
  const { address } = await lookup(config.HOST);
  await app.listen(config.PORT, address);
  const url = await app.getUrl();
  backend.logger.info({ url, provider: config.PROVIDER }, 'listening');
  return { url, close: () => app.close() };
}
