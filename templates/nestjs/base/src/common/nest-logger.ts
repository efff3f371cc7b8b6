import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../telemetry/logger.js';

/** Nest's own warnings and errors, as lines like all others. What it tells of its start is left out. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(): void {
    // Modules that were initialized, routes that were mapped.
  }

  warn(message: unknown): void {
    this.logger.warn(String(message));
  }

  error(error: unknown): void {
    if (error instanceof Error) this.logger.error({ err: error }, error.message);
    else this.logger.error(String(error));
  }
}
