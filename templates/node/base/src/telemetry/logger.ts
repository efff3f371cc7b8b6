import { pino, type Logger } from 'pino';
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
    timestamp: isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  return pino(options, logOutput);
}

let lastMillisecond = 0;
let lastTime = '';

/** The field of a line that says when, in ISO 8601, made once for all lines of a millisecond. */
function isoTime(): string {
  const now = Date.now();
  if (now !== lastMillisecond) {
    lastMillisecond = now;
    lastTime = `,"time":"${new Date(now).toISOString()}"`;
  }
  return lastTime;
}
