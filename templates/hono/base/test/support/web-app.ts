import { createApp } from '../../src/app.js';
import { createBackend, type BackendOverrides } from '../../src/backend.js';
import { parseConfig } from '../../src/config.js';
import type { RequestBindings } from '../../src/env.js';

/** The application without a server: what it needs to know of a request is made of the request itself. */
export async function createWebApp(overrides?: BackendOverrides) {
  const config = parseConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent' });
  const backend = await createBackend(config, overrides);
  const app = createApp(backend);
  const request = async (input: string | URL | Request, init?: RequestInit) => {
    const url = input instanceof Request ? input : new URL(input, 'http://localhost');
    const asked = new Request(url, init);
    return app.fetch(asked, bindingsOf(asked));
  };
  return { app, backend, request };
}

function bindingsOf({ method, url, headers, signal }: Request): RequestBindings {
  return {
    method,
    url,
    headers: Object.fromEntries(headers),
    connection: {},
    signal,
    span: null,
    bodyText: undefined,
    startedAt: performance.now(),
    status: 200,
    isComplete: true,
    onEnd: () => undefined,
    keepAmidUpload: () => undefined,
    limitStandstill: () => undefined,
    breakOff: () => Promise.resolve(),
  };
}
