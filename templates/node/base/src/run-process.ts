import closeWithGrace from 'close-with-grace';
import { ConfigError, loadEnvironmentFile, parseConfig, type Config } from './config.js';
import { createLogger } from './telemetry/logger.js';

/** Longer than any orderly shutdown: past it something hangs, and the process is ended. */
const HANGING_MS = 5_000;

/**
 * Signals by which the system says that the process itself is broken. One that listened to them would never end: it would
 * be sent back to where it broke, and break there again, for as long as it is let.
 */
const FAULTS: closeWithGrace.AllEvents[] = [
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
];

/** What a process does until it is told to stop. */
export interface Running {
  /** Finishes what is in flight, then stops. */
  close(): Promise<void>;
}

/** The life of a process: reads the settings, starts, and closes in good order on a signal or an error. */
export async function runProcess(start: (config: Config) => Promise<Running>): Promise<void> {
  try {
    loadEnvironmentFile();
    const config = parseConfig(process.env);
    closeOnSignal(config, await start(config));
  } catch (error) {
    const logger = createLogger({ LOG_LEVEL: 'info' });
    if (error instanceof ConfigError) logger.fatal({ problems: error.problems }, error.message);
    else logger.fatal({ err: error }, 'the process could not start');
    // Connections that it has opened already must not keep it alive.
    process.exit(1);
  }
}

function closeOnSignal(config: Config, running: Running): void {
  const logger = createLogger(config);
  closeWithGrace(
    { delay: config.SHUTDOWN_TIMEOUT_MS + HANGING_MS, logger: false, skip: FAULTS },
    async ({ signal, err: error }) => {
      if (error === undefined) logger.info({ signal }, 'shutting down');
      else logger.fatal({ err: error }, 'shutting down after an error that nobody caught');
      await running.close();
      logger.info('stopped');
    },
  );
}
