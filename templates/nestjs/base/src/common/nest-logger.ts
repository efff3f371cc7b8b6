import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../telemetry/logger.js';

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Who tells of modules that were initialized, and of routes that were mapped. */
const START_UP: ReadonlySet<unknown> = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** What is said by Nest's `Logger`, as lines like all others. What Nest itself tells of its start is left out. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    if (!START_UP.has(rest.at(-1))) this.#write('info', message, rest);
  }

  readonly fatal = this.#writer('fatal');
  readonly error = this.#writer('error');
  readonly warn = this.#writer('warn');
  readonly debug = this.#writer('debug');
  readonly verbose = this.#writer('trace');

  #writer(level: Level) {
    return (message: unknown, ...rest: unknown[]): void => {
      this.#write(level, message, rest);
    };
  }

  /** @param rest a stack or none, and then the context or none */
  #write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const stack = rest.find(isStack);
    const context = rest.findLast((each) => typeof each === 'string' && each !== stack);
    const fields = { context, stack };
    if (message instanceof Error) this.logger[level]({ ...fields, err: message }, message.message);
    else if (typeof message === 'object') this.logger[level]({ ...fields, ...message });
    else this.logger[level](fields, String(message as string | number));
  }
}

function isStack(value: unknown): boolean {
  return typeof value === 'string' && /\n\s+at /.test(value);
}
