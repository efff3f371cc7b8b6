import { hash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const API_KEY = `sk-${randomBytes(24).toString('hex')}`;
const UNBOUNDED = '1000000000';

const FLOOR_PATHS = { hello: '/livez', cached: '/v1/constant', chat: '/v1/chat/completions' };

/** To each framework its title, and the package whose version is told. */
const FRAMEWORKS = {
  fastify: { title: 'Fastify', package: 'fastify' },
  express: { title: 'Express', package: 'express' },
  nestjs: { title: 'NestJS', package: '@nestjs/core' },
  hono: { title: 'Hono', package: 'hono' },
};

export const FRAMEWORK_NAMES = Object.keys(FRAMEWORKS);

/** The server of a generated project, with all that it has switched on. */
export function generatedServer(framework, project, upstream) {
  const { title, package: name } = FRAMEWORKS[framework];
  return {
    name: `generated-${framework}`,
    label: `generated, ${title}`,
    version: `${name} ${installedVersion(project, name)}`,
    args: ['--enable-source-maps', '--initial-heap-size=64', 'dist/main.js'],
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

/** The least that a proxy can be on that framework. */
export function floor(framework, repository, upstream) {
  const { title, package: name } = FRAMEWORKS[framework];
  return {
    name: `floor-${framework}`,
    label: `${title} + undici + zod`,
    version: `${name} ${installedVersion(repository, name)}, undici ${installedVersion(repository, 'undici')}`,
    args: [join(import.meta.dirname, `floor-${framework}.mjs`)],
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
