import { destination, pino, stdTimeFunctions, type Logger } from 'pino';
import type { Config } from '../config.js';

export type { Logger };

/** Fields that lines have in common. */
export type LogBindings = Readonly<Record<string, string>>;

/**
 * Lines are written together: to write one took a twentieth of the CPU time of a proxied request. They are at most this
 * late, and a process that ends, also one that fails, writes what is left.
 */
const MAX_DELAY_MS = 100;
const WRITE_AT_BYTES = 4096;

const output = destination({
  sync: false,
  minLength: WRITE_AT_BYTES,
  periodicFlush: MAX_DELAY_MS,
});

/** JSON lines on standard output. What callers send, and keys of any kind, are never given to it. */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  const options = {
    level: config.LOG_LEVEL,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  return pino(options, output);
}
