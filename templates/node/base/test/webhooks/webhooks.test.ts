import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.js';
import type { Delivery } from '../../src/store/ports.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { createDeliveryHandler } from '../../src/webhooks/delivery-handler.js';
import { WebhookClient } from '../../src/webhooks/webhook-client.js';
import { FakeProvider } from '../support/fake-provider.js';
import { startTestServer } from '../support/test-server.js';
import { startWebhookReceiver, type ReceivedMessage } from '../support/webhook-receiver.js';

const SECRET = `whsec_${Buffer.alloc(32, 'a').toString('base64')}`;
const NEXT_SECRET = `whsec_${Buffer.alloc(32, 'b').toString('base64')}`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function receiver(...parameters: Parameters<typeof startWebhookReceiver>) {
  const started = await startWebhookReceiver(...parameters);
  cleanups.push(() => {
    started.close();
  });
  return started;
}

async function server(environment: Record<string, string>, provider = new FakeProvider()) {
  const started = await startTestServer(environment, { providers: { mock: provider } });
  cleanups.push(() => started.close());
  const submit = (webhook: object) =>
    started.post('/v1/jobs', {
      type: 'chat.completion',
      request: { model: 'mock', messages: [{ role: 'user', content: 'Hello' }] },
      webhook,
    });
  const get = (path: string, headers?: Record<string, string>) => started.get(path, headers);
  const cancel = (path: string) => started.post(path, {});
  return { submit, get, cancel, close: () => started.close() };
}

function verified({ headers, body }: ReceivedMessage, secret = SECRET): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

describe('a webhook', () => {
  const open = { WEBHOOK_SECRET: SECRET, WEBHOOK_ALLOW_PRIVATE: 'true' };

  it('gets the job as it ended, signed', async () => {
    const hook = await receiver();
    const { submit, get } = await server({ ...open, WEBHOOK_SECRET: `${SECRET},${NEXT_SECRET}` });
    const job = (await (await submit({ url: hook.url })).json()) as { id: string };
    await expect.poll(() => hook.received).toHaveLength(1);
    const [message] = hook.received as [ReceivedMessage];
    const data: unknown = await (await get(`/v1/jobs/${job.id}`)).json();
    expect(verified(message)).toEqual({
      type: 'job.completed',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      data,
    });
    verified(message, NEXT_SECRET);
    expect(message.headers['webhook-id']).toBe(`msg_${job.id.slice(4)}_completed`);
    expect(message.headers['content-type']).toBe('application/json');
  });

  it('gets only the events that it wants', async () => {
    const hook = await receiver();
    const provider = new FakeProvider();
    const { submit, cancel } = await server(open, provider);
    await submit({ url: hook.url, events: ['job.failed', 'job.cancelled'] });
    await expect.poll(() => provider.calls).toBe(1);
    provider.hold();
    const job = await submit({ url: hook.url, events: ['job.cancelled'] });
    const { urls } = (await job.json()) as { urls: { cancel: string } };
    await cancel(urls.cancel);
    await expect.poll(() => hook.received).toHaveLength(1);
    expect(verified((hook.received as [ReceivedMessage])[0])).toMatchObject({
      type: 'job.cancelled',
    });
  });

  it('is told of a job that ends while the server stops', async () => {
    const hook = await receiver();
    const provider = new FakeProvider();
    const release = provider.hold();
    const { submit, close } = await server(open, provider);
    await submit({ url: hook.url });
    await expect.poll(() => provider.calls).toBe(1);
    const closed = close();
    release();
    await closed;
    expect(hook.received).toHaveLength(1);
  });

  it('whose name leads to a private address is not called, and the job ends all the same', async () => {
    const hook = await receiver();
    const { submit, get } = await server({ WEBHOOK_SECRET: SECRET });
    const response = await submit({ url: `http://localhost:${String(hook.port)}/` });
    expect(response.status).toBe(202);
    const { urls } = (await response.json()) as { urls: { self: string } };
    const job = await get(urls.self, { prefer: 'wait=5' });
    expect(await job.json()).toMatchObject({ status: 'completed' });
    const metrics = async () => (await get('/metrics')).text();
    await expect.poll(metrics).toContain('webhook_deliveries_total{result="refused"} 1');
    expect(hook.received).toHaveLength(0);
  });

  it('is refused where it could never be delivered', async () => {
    const refusal = async (environment: Record<string, string>, webhook: object) => {
      const { submit } = await server(environment);
      const response = await submit(webhook);
      const { error } = (await response.json()) as { error?: { code: string; param: string } };
      return [response.status, error?.code, error?.param];
    };
    const url = 'https://example.com/hook';
    expect(await refusal({}, { url })).toEqual([400, 'webhooks_disabled', 'webhook']);
    const bad = [400, 'invalid_request', 'webhook.url'];
    const environment = { WEBHOOK_SECRET: SECRET };
    expect(await refusal(environment, { url: 'ftp://example.com/' })).toEqual(bad);
    expect(await refusal(environment, { url: 'https://me:you@example.com/' })).toEqual(bad);
    expect(await refusal(environment, { url: 'http://169.254.169.254/latest' })).toEqual(bad);
    expect(await refusal(environment, { url: 'http://[::ffff:127.0.0.1]/' })).toEqual(bad);
    expect(await refusal(environment, { url, events: ['job.queued'] })).toEqual([
      400,
      'invalid_request',
      'webhook.events.0',
    ]);
  });
});

describe('a delivery', () => {
  const delivery = { id: 'msg_1_completed', jobId: 'job_1', tenant: 'acme', body: '{"a":1}' };
  const signal = new AbortController().signal;

  function handler(WEBHOOK_ALLOW_PRIVATE = 'true') {
    const client = new WebhookClient(
      parseConfig({ WEBHOOK_SECRET: SECRET, WEBHOOK_ALLOW_PRIVATE }),
    );
    cleanups.push(() => client.close());
    return handlerOf(client);
  }

  function handlerOf(client: Pick<WebhookClient, 'post'>) {
    const metrics = new Metrics();
    const logger = pino({ level: 'silent' });
    return createDeliveryHandler({ client, metrics, logger, concurrency: 10 });
  }

  it('is tried again with the same id and body, later and later, and then no more', async () => {
    const { url, received } = await receiver([500, 302, 404], { location: 'http://127.0.0.1/' });
    const deliver = handler();
    const delays: (number | null | undefined)[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1)
      delays.push(await deliver({ ...delivery, url }, attempt, signal));
    const hours = delays.map((delay) => delay && delay / 3_600_000);
    expect(hours[0]).toBeCloseTo(5 / 3_600, 3);
    expect(hours[6]).toBeGreaterThanOrEqual(14);
    expect(hours[7]).toBeNull();
    expect(received).toHaveLength(8);
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([delivery.id]),
    );
    for (const message of received) expect(verified(message)).toEqual({ a: 1 });
  });

  it.each([200, 204, 410])('is done when the answer is %i', async (status) => {
    const { url } = await receiver([status]);
    expect(await handler()({ ...delivery, url }, 1, signal)).toBeNull();
  });

  it('does not follow a redirect', async () => {
    const target = await receiver();
    const { url } = await receiver([307], { location: target.url });
    expect(await handler()({ ...delivery, url }, 1, signal)).toBeGreaterThan(0);
    expect(target.received).toHaveLength(0);
  });

  it('to a private address is given up at once', async () => {
    const hook = await receiver();
    expect(await handler('false')({ ...delivery, url: hook.url }, 1, signal)).toBeNull();
    expect(hook.received).toHaveLength(0);
  });

  it('that is interrupted is made anew', async () => {
    const { url } = await receiver();
    expect(await handler()({ ...delivery, url }, 7, AbortSignal.abort())).toBeUndefined();
  });

  it('is put off while others of its tenant take up nearly all attempts', async () => {
    const dead = 'https://dead.example.com';
    const url = 'https://example.com';
    let answer: (status: number) => void = () => undefined;
    const silence = new Promise<number>((resolve) => {
      answer = resolve;
    });
    const post = (to: Delivery) => (to.url === dead ? silence : Promise.resolve(200));
    const deliver = handlerOf({ post });
    const waiting = Array.from({ length: 9 }, () => deliver({ ...delivery, url: dead }, 1, signal));
    expect(await deliver({ ...delivery, url }, 1, signal)).toBeUndefined();
    expect(await deliver({ ...delivery, url, tenant: 'globex' }, 1, signal)).toBeNull();
    answer(200);
    await Promise.all(waiting);
    expect(await deliver({ ...delivery, url }, 1, signal)).toBeNull();
  });
});
