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
    // Between two attempts there is a pause, of another length each time.
    PROVIDER_MAX_RETRIES: '0',
    BODY_LIMIT_BYTES: String(RAW_BODY_LIMIT),
    WEBHOOK_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}`,
  });
  return server.startServer(config);
}

/** To each framework its answers, in the order of the requests. */
const answers = new Map<string, readonly string[]>();

/** One after the other, since many depend on what was asked before. */
async function askAll(url: string): Promise<readonly string[]> {
  const heard: string[] = [];
  for (const { bytes } of rawRequests) heard.push(normalize(await askRaw(url, bytes)));
  return heard;
}

beforeAll(async () => {
  await Promise.all(
    FRAMEWORKS.map(async (framework) => {
      const server = await start(framework);
      servers.set(framework, server);
      // What is made for the first who asks takes longer than an answer is waited for.
      await fetch(`${server.url}/docs`);
      answers.set(framework, await askAll(server.url));
    }),
  );
}, 180_000);

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.close()));
});

/** The same byte for byte, but for ids, times and the order of headers. */
describe.each(FRAMEWORKS.filter((name) => name !== FIRST))('%s answers as Fastify does', (name) => {
  it.each(rawRequests.map((request, place) => ({ name: request.name, place })))(
    '$name',
    ({ place }) => {
      expect(answers.get(name)?.[place]).toBe(answers.get(FIRST)?.[place]);
    },
  );

  it('with the same OpenAPI document', async () => {
    const [document, expected] = await Promise.all(
      [name, FIRST].map(async (each) => {
        const response = await fetch(`${servers.get(each)?.url ?? ''}/openapi.json`);
        return response.json();
      }),
    );
    expect(document).toEqual(expected);
  });
});
