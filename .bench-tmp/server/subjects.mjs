import { hash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const API_KEY = `sk-${randomBytes(24).toString('hex')}`;
const UNBOUNDED = '1000000000';

const FLOOR_PATHS = { hello: '/livez', cached: '/v1/constant', chat: '/v1/chat/completions' };

/** The generated server, with all that it has switched on. */
export function generatedServer(project, upstream) {
  return {
    name: 'generated',
    label: 'generated server',
    version: `hono ${installedVersion(project, 'hono')}`,
    args: ['--enable-source-maps', 'dist/main.js'],
    cwd: project,
    env: {
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      API_KEYS: `bench:${hash('sha256', API_KEY)}`,
      RATE_LIMIT_REQUESTS_PER_MINUTE: UNBOUNDED,
      RATE_LIMIT_TOKENS_PER_MINUTE: UNBOUNDED,
      PROVIDER: 'openai',
      PROVIDER_BASE_URL: upstream,
      PROVIDER_API_KEY: 'upstream',
      CACHE_POLICY: 'always',
    },
    headers: { authorization: `Bearer ${API_KEY}` },
    paths: { ...FLOOR_PATHS, cached: '/v1/chat/completions' },
  };
}

export function fastifyFloor(repository, upstream) {
  return {
    name: 'floor',
    label: 'Hono + undici + zod',
    version: `hono ${installedVersion(repository, 'hono')}, undici ${installedVersion(repository, 'undici')}`,
    args: [join(import.meta.dirname, 'floor-hono.mjs')],
    env: { NODE_ENV: 'production', UPSTREAM: upstream },
    paths: FLOOR_PATHS,
  };
}

export function nodeFloor(upstream) {
  return {
    name: 'node',
    label: 'node:http',
    version: process.version,
    args: [join(import.meta.dirname, 'floor-node.mjs')],
    env: { NODE_ENV: 'production', UPSTREAM: upstream },
    paths: FLOOR_PATHS,
  };
}

/** https://github.com/Portkey-AI/gateway */
export function portkeyGateway(folder, upstream, port) {
  return {
    name: 'portkey',
    label: '@portkey-ai/gateway',
    version: installedVersion(folder, '@portkey-ai/gateway'),
    args: [
      join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js'),
      '--headless',
      `--port=${port}`,
    ],
    env: { NODE_ENV: 'production' },
    headers: {
      authorization: 'Bearer upstream',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': upstream,
    },
    paths: { hello: '/', chat: '/v1/chat/completions' },
  };
}

function installedVersion(folder, name) {
  const manifest = join(folder, 'node_modules', name, 'package.json');
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
