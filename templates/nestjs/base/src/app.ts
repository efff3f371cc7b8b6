import 'reflect-metadata';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import type { Backend } from './backend.js';
import { NestLogger } from './common/nest-logger.js';
import { HttpAdapter } from './platform/http-adapter.js';

/**
 * The application, ready to listen. It finishes what is in flight and closes the backend when it is closed; signals are
 * not its own to listen to: see run-process.ts.
 */
export function createApp(backend: Backend): Promise<INestApplication> {
  const options: Partial<NestApplicationOptions> = {
    logger: new NestLogger(backend.logger),
    // Whoever starts it is told of a failure; Nest would end the process.
    abortOnError: false,
    // Guards have their say first: see body.guard.ts.
    bodyParser: false,
  };
  return NestFactory.create(AppModule.register(backend), new HttpAdapter(backend), options);
}
