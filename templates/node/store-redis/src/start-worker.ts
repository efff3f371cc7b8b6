import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createBackend, type BackendOverrides } from './backend.js';
import { ConfigError, type Config } from './config.js';
import { createOperationsServer } from './http/operations-server.js';

export interface RunningWorker {
  /** Where it tells how it is, without a slash at the end. */
  readonly url: string;
  /** Finishes what it runs, or gives it back, then stops. */
  close(): Promise<void>;
}

/**
 * Starts to run jobs and to deliver webhooks; any number of processes may. It serves no API, only what operators ask.
 *
 * @throws {ConfigError} when no Redis is named, or `models.json` is not valid
 */
export async function startWorker(
  config: Config,
  overrides?: BackendOverrides,
): Promise<RunningWorker> {
  requireRedis(config);
  const backend = await createBackend(config, overrides);
  const server = createOperationsServer(backend).listen(config.PORT, config.HOST);
  await once(server, 'listening');
  backend.work();
  const { port } = server.address() as AddressInfo;
  const url = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${String(port)}`;
  backend.logger.info({ url, concurrency: config.JOB_CONCURRENCY }, 'listening');
  return {
    url,
    async close() {
      await backend.drain();
      server.close();
      server.closeAllConnections();
      await backend.close();
    },
  };
}

/** Without it, jobs are in the memory of the process that took them, and run there. */
function requireRedis(config: Config): void {
  const missing = (['QUEUE_REDIS_URL', 'CACHE_REDIS_URL'] as const).filter(
    (name) => config[name] === undefined,
  );
  if (missing.length > 0)
    throw new ConfigError(missing.map((name) => `${name}: must be set, or there is no work`));
}
