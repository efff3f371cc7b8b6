import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { ApiKeys } from '../../access/api-keys.js';
import type { Backend } from '../../backend.js';
import { endLateConnections } from '../../http/running-server.js';
import { Lifecycle } from '../../lifecycle.js';
import { BACKEND, CONFIG } from './tokens.js';

/** Gives every module what stands below HTTP, and brings it to an end with the application. */
@Module({})
export class BackendModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(BACKEND) private readonly backend: Backend,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  static register(backend: Backend): DynamicModule {
    const providers = [
      { provide: BACKEND, useValue: backend },
      { provide: CONFIG, useValue: backend.config },
      { provide: ApiKeys, useValue: backend.apiKeys },
      { provide: Lifecycle, useValue: backend.lifecycle },
    ];
    return { module: BackendModule, global: true, providers, exports: providers };
  }

  /** While connections are still served. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.backend.drain();
    endLateConnections(this.host.httpAdapter.getHttpServer() as Server);
  }

  /** When no connection is left. */
  onApplicationShutdown(): Promise<void> {
    return this.backend.close();
  }
}
