import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  Controller,
  ForbiddenException,
  Get,
  Module,
  NotFoundException,
  ServiceUnavailableException,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppModule } from '../src/app.module.js';
import { createApp } from '../src/app.js';
import { createBackend } from '../src/backend.js';
import { NestLogger } from '../src/common/nest-logger.js';
import { parseConfig } from '../src/config.js';
import { listOperations } from '../src/openapi/operations.js';
import { HttpAdapter } from '../src/platform/http-adapter.js';

function createTestBackend() {
  return createBackend(parseConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent' }));
}

async function startApp() {
  const backend = await createTestBackend();
  const app = await createApp(backend);
  await app.listen(0, '127.0.0.1');
  onTestFinished(() => app.close());
  return { app, backend, url: await app.getUrl() };
}

describe('the Nest application', () => {
  it('serves every operation that the OpenAPI document names', async () => {
    const { backend, url } = await startApp();
    for (const { method, path } of listOperations(backend.tasks.values())) {
      const response = await fetch(url + path, { method: method.toUpperCase() });
      const body = await response.text();
      expect(body, `${method} ${path}`).not.toContain('There is nothing at');
      expect(response.status, `${method} ${path}`).not.toBe(405);
    }
  });

  it('shows its documentation, with all that the page loads', async () => {
    const { url } = await startApp();
    const page = await fetch(`${url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    const assets = [...html.matchAll(/(?:href|src)="\.\/docs\/([^"]+)"/g)].map(([, name]) => name);
    expect(assets.length).toBeGreaterThan(2);
    for (const name of assets) {
      expect((await fetch(`${url}/docs/${String(name)}`)).status, name).toBe(200);
    }
    const script = await (await fetch(`${url}/docs/swagger-ui-init.js`)).text();
    expect(script).toContain('createChatCompletion');
    const head = await fetch(`${url}/docs`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(html)));
  });

  it('answers for a page that is not there as for every unknown route', async () => {
    const { url } = await startApp();
    const missing = await fetch(`${url}/docs/missing.js`, { headers: { 'x-request-id': 'mine' } });
    expect(missing.status).toBe(404);
    expect(missing.headers.get('x-request-id')).toBe('mine');
    expect(await missing.json()).toMatchObject({ instance: '/requests/mine' });
  });

  it('refuses a method that a path does not have before it reads the body', async () => {
    const { url } = await startApp();
    const response = await fetch(`${url}/v1/jobs`, { method: 'PUT', body: '{ not JSON' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    const head = await fetch(`${url}/v1/jobs/job_1/events`, { method: 'HEAD' });
    expect(head.status).toBe(405);
    expect(head.headers.get('allow')).toBe('GET');
  });

  it('waits no longer than a minute for a reader of a stream who takes nothing', async () => {
    const { app, url } = await startApp();
    const connected = once(app.getHttpServer() as Server, 'connection');
    const stream = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'mock-slow',
        messages: [{ role: 'user', content: 'Many words that come one by one.' }],
        stream: true,
      }),
    });
    const [socket] = (await connected) as [Socket];
    expect(socket.timeout).toBe(60_000);
    socket.emit('timeout');
    await expect(stream.text()).rejects.toThrow();
  });

  it('says nothing of a failure that is its own', async () => {
    const { backend, url } = await startApp();
    backend.jobs.get = () => Promise.reject(new Error('secret detail'));
    const response = await fetch(`${url}/v1/jobs/job_1`);
    expect(response.status).toBe(500);
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'internal_error' } });
    expect(body).not.toContain('secret detail');
  });

  it('has room for controllers and middleware that answer and throw as those of Nest do', async () => {
    @Controller('cats')
    class CatsController {
      @Get()
      list() {
        return [{ name: 'Tom' }];
      }

      @Get('deliveries')
      listDeliveries() {
        return { status: 200, headers: {}, body: { cat: 'Tom' } };
      }

      @Get('asleep')
      wake(): never {
        throw new ServiceUnavailableException('The cats sleep.');
      }

      @Get(':name')
      get(): never {
        throw new NotFoundException('There is no such cat.');
      }
    }

    @Module({ controllers: [CatsController] })
    class CatsModule implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        const refuse = () => {
          throw new ForbiddenException('Cats alone.');
        };
        consumer.apply(refuse).forRoutes('cats/rex');
      }
    }

    const backend = await createTestBackend();
    const imports = [AppModule.register(backend), CatsModule];
    const testing = await Test.createTestingModule({ imports }).compile();
    const app = testing.createNestApplication(new HttpAdapter(backend));
    await app.listen(0, '127.0.0.1');
    onTestFinished(() => app.close());
    const url = await app.getUrl();

    expect(await (await fetch(`${url}/cats`)).json()).toEqual([{ name: 'Tom' }]);
    // It looks like an answer of the backend, and is none.
    const deliveries = await fetch(`${url}/cats/deliveries`);
    expect(await deliveries.json()).toEqual({ status: 200, headers: {}, body: { cat: 'Tom' } });
    for (const [name, status, error] of [
      ['felix', 404, { code: 'not_found', message: 'There is no such cat.' }],
      ['rex', 403, { code: 'forbidden', message: 'Cats alone.' }],
      ['asleep', 503, { code: 'service_unavailable', message: 'The cats sleep.' }],
    ] as const) {
      const refused = await fetch(`${url}/cats/${name}`, { headers: { 'x-request-id': 'mine' } });
      expect(refused.status).toBe(status);
      expect(refused.headers.get('x-request-id')).toBe('mine');
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect(await refused.json()).toMatchObject({ instance: '/requests/mine', error });
    }
  });

  it("writes what is said by Nest's logger as lines of JSON, but for what Nest tells of its start", () => {
    const lines: string[] = [];
    const output = { write: (line: string) => lines.push(line) };
    const options = { base: null, timestamp: false, level: 'debug' };
    const logger = new NestLogger(pino(options, output));
    const stack = 'Error: an error\n    at cats (cats.js:1:1)';
    logger.log('AppModule dependencies initialized', 'InstanceLoader');
    logger.log('fed', 'CatsService');
    logger.debug({ cat: 'Tom' }, 'CatsService');
    logger.verbose('below the level');
    logger.warn('a warning');
    logger.error('an error', stack, 'CatsService');
    logger.error(new Error('a failure'));
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { level: 30, context: 'CatsService', msg: 'fed' },
      { level: 20, context: 'CatsService', cat: 'Tom' },
      { level: 40, msg: 'a warning' },
      { level: 50, context: 'CatsService', stack, msg: 'an error' },
      { level: 50, err: expect.objectContaining({ type: 'Error' }) as object, msg: 'a failure' },
    ]);
  });
});
