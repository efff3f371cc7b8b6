import closeWithGrace from 'close-with-grace';
import { ConfigError, loadEnvironmentFile, parseConfig } from './config.js';
import { startServer } from './server.js';
import { createLogger } from './telemetry/logger.js';

/** Longer than any orderly shutdown: past it something hangs, and the process is ended. */
const HANGING_MS = 5_000;

async function main(): Promise<void> {
  loadEnvironmentFile();
  const config = parseConfig(process.env);
  const logger = createLogger(config);
  const server = await startServer(config);

  closeWithGrace(
    { delay: config.SHUTDOWN_TIMEOUT_MS + HANGING_MS, logger: false },
    async ({ signal, err: error }) => {
      if (error === undefined) logger.info({ signal }, 'shutting down');
      else logger.fatal({ err: error }, 'shutting down after an error that nobody caught');
      await server.close();
      logger.info('stopped');
    },
  );
}

try {
  await main();
} catch (error) {
  const logger = createLogger({ LOG_LEVEL: 'info' });
  if (error instanceof ConfigError) logger.fatal({ problems: error.problems }, error.message);
  else logger.fatal({ err: error }, 'the server could not start');
  process.exitCode = 1;
}
