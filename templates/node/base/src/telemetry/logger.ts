import { pino, stdTimeFunctions, type Logger } from 'pino';
import type { Config } from '../config.js';

export type { Logger };

/** Fields that lines have in common. */
export type LogBindings = Readonly<Record<string, string>>;

/** JSON lines on standard output. What callers send, and keys of any kind, are never given to it. */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  return pino({
    level: config.LOG_LEVEL,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  });
}
