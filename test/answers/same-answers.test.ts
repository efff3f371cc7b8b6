import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig, type Config } from '../../templates/node/base/src/config.js';
import { FRAMEWORKS, TEMPLATES } from '../support/frameworks.js';
import { RAW_BODY_LIMIT, rawRequests } from '../support/raw-requests.js';
import { askRaw, normalize } from './ask-raw.js';

/** The others' answers are held against those of this one. */
const FIRST = 'fastify';

/** What every framework's `server.ts` has. */
interface ServerModule {
  startServer(config: Config): Promise<Server>;
}

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

const servers = new Map<string, Server>();

async function start(framework: string): Promise<Server> {
  const source = join(TEMPLATES, framework, 'base/src/server.ts');
  const server = (await import(source)) as ServerModule;
  const config = parseConfig({
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    SHUTDOWN_TIMEOUT_MS: '1000',
    BODY_LIMIT_BYTES: String(RAW_BODY_LIMIT),
    WEBHOOK_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}`,
  });
  return server.startServer(config);
}

beforeAll(async () => {
  for (const framework of FRAMEWORKS) servers.set(framework, await start(framework));
});

afterAll(async () => {
  for (const server of servers.values()) await server.close();
});

function urlOf(framework: string): string {
  return servers.get(framework)?.url ?? '';
}

/** Answers are the same byte for byte but for ids, times and the order of headers. */
describe.each(FRAMEWORKS.filter((name) => name !== FIRST))('%s answers as Fastify does', (name) => {
  it.concurrent.each(rawRequests)('$name', async ({ bytes }) => {
    const [answer, expected] = await Promise.all(
      [name, FIRST].map(async (each) => normalize(await askRaw(urlOf(each), bytes))),
    );
    expect(answer).toBe(expected);
  });
});

describe.each(FRAMEWORKS.filter((name) => name !== FIRST))('%s', (name) => {
  it('serves the same OpenAPI document', async () => {
    const [document, expected] = await Promise.all(
      [name, FIRST].map(async (each) => (await fetch(`${urlOf(each)}/openapi.json`)).json()),
    );
    expect(document).toEqual(expected);
  });
});
