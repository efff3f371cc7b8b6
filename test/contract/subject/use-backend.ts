import { afterAll, beforeAll, beforeEach } from 'vitest';
import { Client } from '../clients/client.js';
import type { Upstream } from '../upstream/upstream.js';
import { Deployment, type Configuration } from './deployment.js';
import { settings } from './settings.js';

/** The backend that the tests of a file (or of a `describe`) share. */
export class Backend extends Client {
  #deployment: Deployment | undefined;

  get baseUrl(): string {
    const url = settings.baseUrl ?? this.#deployment?.baseUrl;
    if (url === undefined) throw new Error('The backend is not running yet.');
    return url;
  }

  /** The processes, for signals, exit codes and logs. */
  get deployment(): Deployment {
    if (this.#deployment === undefined) throw new Error('Somebody else runs this backend.');
    return this.#deployment;
  }

  /** Each process by itself; a load balancer shows only one of them at a time. */
  get processes(): readonly Client[] {
    return this.#deployment?.processes ?? [this];
  }

  async start(upstream: Upstream, configuration: Configuration): Promise<void> {
    this.#deployment = await Deployment.start(upstream.baseUrl, configuration);
  }

  async stop(): Promise<void> {
    await this.#deployment?.stop();
  }
}

/** Whether the suite starts backends itself, and so can give them a configuration and a signal. */
export const startsBackends = settings.command !== undefined;
const canStart = startsBackends && settings.obstacle === undefined;

/**
 * A backend with the suite's usual configuration.
 *
 * @param processes how many of them, where a section is about each process by itself
 */
export function useBackend(
  upstream: Upstream,
  processes: Pick<Configuration, 'apis' | 'workers'> = {},
): Backend {
  if (startsBackends) return useConfiguredBackend(upstream, processes);
  return new Backend();
}

/**
 * A backend with a configuration of its own. Tests beside it in the `describe` are skipped, and say why, when
 * somebody else runs the backend. The configuration is asked for once the upstream listens.
 */
export function useConfiguredBackend(
  upstream: Upstream,
  configuration: Configuration | (() => Configuration | Promise<Configuration>),
): Backend {
  const backend = new Backend();
  needsOwnProcess();
  if (canStart) {
    beforeAll(async () => {
      const resolved = typeof configuration === 'function' ? await configuration() : configuration;
      await backend.start(upstream, resolved);
    });
    afterAll(() => backend.stop());
  }
  return backend;
}

/** Skips the tests of a `describe` that need to start backends themselves. */
export function needsOwnProcess(): void {
  beforeEach((context) => {
    context.skip(!startsBackends, 'needs a configuration of its own: run with CONTRACT_COMMAND');
    context.skip(!canStart, settings.obstacle);
  });
}
