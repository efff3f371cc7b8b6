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

let lastSecond = 0;
let lastTime = '';

/** The field of a line that says when, in ISO 8601; all but the milliseconds is made once a second. */
function isoTime(): string {
  const now = Date.now();
  const milliseconds = now % 1000;
  const second = now - milliseconds;
  if (second !== lastSecond) {
    lastSecond = second;
    lastTime = `,"time":"${new Date(second).toISOString().slice(0, -'000Z'.length)}`;
  }
  return `${lastTime}${String(milliseconds).padStart(3, '0')}Z"`;
}
