import { pino, stdTimeFunctions, type Logger } from 'pino';
import type { Config } from '../config.js';
import { logOutput } from './log-output.js';

export type { Logger };

/** Fields that lines have in common. */
export type LogBindings = Readonly<Record<string, string>>;

/** JSON lines on standard output. What callers send, and keys of any kind, are never given to it. */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  const options = {
    level: config.LOG_LEVEL,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  return pino(options, logOutput);
}
