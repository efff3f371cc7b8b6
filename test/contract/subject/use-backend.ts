import { afterAll, beforeAll, beforeEach } from 'vitest';
import { Client } from '../clients/client.js';
import type { Upstream } from '../upstream/upstream.js';
import { BackendProcess, type Configuration } from './backend-process.js';
import { settings } from './settings.js';

/** The backend that the tests of a file (or of a `describe`) share. */
export class Backend extends Client {
  #process: BackendProcess | undefined;
  #url: string | undefined = settings.baseUrl;

  get baseUrl(): string {
    if (this.#url === undefined) throw new Error('The backend is not running yet.');
    return this.#url;
  }

  /** The process itself, for signals, exit codes and logs. */
  get process(): BackendProcess {
    if (this.#process === undefined) throw new Error('Somebody else runs this backend.');
    return this.#process;
  }

  async start(upstream: Upstream, configuration: Configuration): Promise<void> {
    this.#process = await BackendProcess.start(upstream.baseUrl, configuration);
    this.#url = this.#process.url;
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}

/** Whether the suite starts backends itself, and so can give them a configuration and a signal. */
export const canStart = settings.command !== undefined;

/** A backend with the suite's usual configuration. */
export function useBackend(upstream: Upstream): Backend {
  const backend = new Backend();
  if (canStart) {
    beforeAll(() => backend.start(upstream, {}));
    afterAll(() => backend.stop());
  }
  return backend;
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
    context.skip(!canStart, 'needs a configuration of its own: run with CONTRACT_COMMAND');
  });
}
