import { createAppServer } from './app-server.js';
import { createApp } from './app.js';
import { createBackend, type BackendOverrides } from './backend.js';
import type { Config } from './config.js';
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
  const timeouts = { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS };
  return serve(createAppServer(createApp(backend), timeouts), backend);
}
