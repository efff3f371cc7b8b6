import { parseConfig } from '../../src/config.js';
import type { BackendOverrides } from '../../src/backend.js';
import type { RunningServer } from '../../src/http/running-server.js';
import { startServer } from '../../src/server.js';

export interface TestServer extends RunningServer {
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The real server on a free port, by the mock provider where no other is put in its place. */
export async function startTestServer(
  environment: Record<string, string> = {},
  overrides?: BackendOverrides,
): Promise<TestServer> {
  const config = parseConfig({
    NODE_ENV: 'test',
    PORT: '0',
    LOG_LEVEL: 'silent',
    SHUTDOWN_TIMEOUT_MS: '1000',
    ...environment,
  });
  const server = await startServer(config, overrides);
  return {
    ...server,
    get: (path, headers = {}) => fetch(server.url + path, { headers }),
    post: (path, body, headers = {}) =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
  };
}
