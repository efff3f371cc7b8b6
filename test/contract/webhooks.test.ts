import { createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, endOf, getJob, reaches, submitChat } from './clients/jobs.js';
import { growth, named } from './clients/metrics.js';
import { chat } from './clients/requests.js';
import { expectProblem } from './expectations/problem.js';
import { eventually, within } from './expectations/timing.js';
import { deliveryOf, webhookSecret } from './expectations/webhook.js';
import type { Job } from './schemas/jobs.js';
import { oneProcess } from './subject/deployment.js';
import { closedPort } from './subject/unreachable.js';
import { useBackend, useConfiguredBackend, type Backend } from './subject/use-backend.js';
import { gate } from './upstream/gate.js';
import type { Scene, Script } from './upstream/scene.js';
import { answers, answersPlausibly, fails, neverAnswers, waitsFor } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const plausible = () => upstream.scene(answersPlausibly());
const says = (status: number, headers: Record<string, string> = {}) =>
  answers('', { status, headers });
const thanks = says(204);

/** A webhook of the test's own: what it was sent are the calls of its scene. */
interface Hook {
  readonly scene: Scene;
  readonly url: string;
}

function hook(...scripts: [Script, ...Script[]]): Hook {
  const scene = upstream.scene(...scripts);
  return { scene, url: `${upstream.origin}/hooks/${scene.model}` };
}

function submitWith(
  backend: Backend,
  webhook: Record<string, unknown>,
  scene = plausible(),
  options: Record<string, unknown> = {},
): Promise<Job> {
  return submitChat(backend, chat(scene), { webhook, ...options });
}

describe('the end of a job is told', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { WEBHOOK_SECRET: webhookSecret, WEBHOOK_ALLOW_PRIVATE: 'true' },
  });

  test('signed, with the job as anybody may read it', async () => {
    const { scene, url } = hook(thanks);
    const accepted = await submitWith(backend, { url }, plausible(), { metadata: { a: 'ü' } });
    const call = await scene.call();
    const { timestamp, body } = await deliveryOf(call);
    expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(30);
    expect(body.type).toBe('job.completed');
    expect(body.data).toEqual(await getJob(backend, accepted));
    expect(
      Math.abs(Date.parse(body.timestamp) / 1000 - (body.data.completed_at ?? 0)),
    ).toBeLessThan(2);
  });

  test('with the result byte for byte', async () => {
    const peculiar =
      '{ "id":"chatcmpl-1" ,"vendor":12345678901234567890,\n"object":"chat.completion","created":1,"model":"m\\u002d1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"\\u00fc"}}]}';
    const { scene, url } = hook(thanks);
    const accepted = await submitWith(backend, { url }, upstream.scene(answers(peculiar)));
    const call = await scene.call();
    expect(call.rawBody).toContain(`"result":${peculiar}`);
    expect(call.rawBody).toContain(`"data":${(await endOf(backend, accepted)).text}`);
    await deliveryOf(call);
  });

  test('whichever way it ended', async () => {
    const failed = hook(thanks);
    await submitWith(backend, { url: failed.url }, upstream.scene(fails(400)));
    const cancelled = hook(thanks);
    const running = await submitWith(backend, { url: cancelled.url }, upstream.scene(neverAnswers));
    await reaches(backend, running, 'in_progress');
    await backend.send('POST', running.urls.cancel);
    const [one, other] = [
      await deliveryOf(await failed.scene.call()),
      await deliveryOf(await cancelled.scene.call()),
    ];
    expect(one.body).toMatchObject({
      type: 'job.failed',
      data: { status: 'failed', error: { code: 'upstream_code' } },
    });
    expect(other.body).toMatchObject({
      type: 'job.cancelled',
      data: { id: running.id, status: 'cancelled', result: null },
    });
    expect(one.id).not.toBe(other.id);
  });

  test('only where it was asked for', async () => {
    const deaf = hook(thanks);
    const eager = hook(thanks);
    const events = ['job.failed', 'job.cancelled'];
    await ended(backend, await submitWith(backend, { url: deaf.url, events }));
    await submitWith(backend, { url: eager.url, events }, upstream.scene(fails(400)));
    expect((await deliveryOf(await eager.scene.call())).body.type).toBe('job.failed');
    await sleep(500);
    expect(deaf.scene.calls.length).toBe(0);
  });

  test('once the job can be read as ended, and not before', async () => {
    let seen: string | undefined;
    const release = gate();
    const running: { job?: Job } = {};
    const { scene, url } = hook(async (call) => {
      if (running.job !== undefined) seen = (await getJob(backend, running.job)).status;
      await thanks(call);
    });
    running.job = await submitWith(backend, { url }, upstream.scene(waitsFor(release)));
    await reaches(backend, running.job, 'in_progress');
    expect(scene.calls.length).toBe(0);
    release.open();
    await eventually('the webhook is called', () => seen !== undefined);
    expect(seen).toBe('completed');
  });

  test('and counted', async () => {
    const { scene, url } = hook(thanks);
    const delivered = named('webhook_deliveries_total', { result: 'delivered' });
    const more = await growth(backend.processes, delivered, async () => {
      await submitWith(backend, { url });
      await scene.call();
    });
    await eventually('one more delivery', async () => (await more()) === 1);
  });

  test('and what stands behind the host of its URL is not written to the log', async () => {
    const { scene, url } = hook(thanks, thanks);
    await submitWith(backend, { url: `${url}?token=SECRET-OF-A-RECEIVER` });
    await scene.call();
    await sleep(300);
    expect(backend.deployment.output).not.toContain('SECRET-OF-A-RECEIVER');
    expect(backend.deployment.output).not.toContain(webhookSecret);
    expect(backend.deployment.output).not.toContain(webhookSecret.replace('whsec_', ''));
  });

  describe('a receiver that does not take it', () => {
    const failures: [string, Script][] = [
      ...[302, 404, 429, 500, 503].map((status): [string, Script] => [
        `says ${String(status)}`,
        says(status),
      ]),
      [
        'breaks the connection',
        (call) => {
          call.destroy();
        },
      ],
    ];

    test.concurrent.each(failures)(
      '%s: is told again, under the same id, at a fresh time',
      async (_case, script) => {
        const { scene, url } = hook(script, thanks);
        await submitWith(backend, { url });
        const [first, second] = [await scene.call(0), await scene.call(1, 20_000)];
        const [one, other] = [await deliveryOf(first), await deliveryOf(second)];
        expect(other.id).toBe(one.id);
        expect(other.body).toEqual(one.body);
        expect(other.timestamp).toBeGreaterThan(one.timestamp);
        expect(other.signature).not.toBe(one.signature);
        expect(second.arrivedAt - first.arrivedAt, 'after five seconds').toBeGreaterThan(4_000);
        await sleep(1_000);
        expect(scene.calls.length, 'and no more once it took it').toBe(2);
      },
    );

    test.concurrent.each([301, 302, 303, 307, 308])(
      'by a redirect, %i: it is not followed',
      async (status) => {
        const target = hook(thanks);
        const { scene, url } = hook(says(status, { location: target.url }));
        await submitWith(backend, { url });
        await scene.call(1, 20_000);
        expect(target.scene.calls.length).toBe(0);
      },
    );

    test.concurrent('since it is gone (410): is not told again', async () => {
      const { scene, url } = hook(says(410));
      await submitWith(backend, { url });
      await scene.call();
      await sleep(8_000);
      expect(scene.calls.length).toBe(1);
    });

    test.concurrent.each([200, 201, 202, 299])(
      'but any 2xx is success: %i is not told again',
      async (status) => {
        const { scene, url } = hook(says(status));
        await submitWith(backend, { url });
        await scene.call();
        await sleep(8_000);
        expect(scene.calls.length).toBe(1);
      },
    );

    test.concurrent('nor does it have to be heard out', async () => {
      const { scene, url } = hook(async (call) => {
        call.head(200, { 'content-type': 'text/plain' });
        for (;;) {
          await call.write('x'.repeat(10_000));
          await call.wait(10);
        }
      });
      await submitWith(backend, { url });
      const call = await scene.call();
      expect(await within(20_000, call.abandonment()), 'it is left').not.toBe('late');
      await sleep(8_000);
      expect(scene.calls.length).toBe(1);
    });
  });

  describe('a dead receiver', () => {
    const dead: [string, () => Promise<string>][] = [
      ['that is not there', async () => `http://127.0.0.1:${String(await closedPort())}/`],
      ['whose name leads nowhere', () => Promise.resolve('http://no-such-host.invalid/')],
      ['that never answers', () => Promise.resolve(hook(neverAnswers).url)],
    ];

    test.each(dead)('%s never holds up a job', async (_case, receiver) => {
      const url = await receiver();
      const began = performance.now();
      const jobs = await Promise.all([1, 2, 3].map(() => submitWith(backend, { url })));
      for (const each of jobs) {
        expect(await ended(backend, each)).toMatchObject({ status: 'completed', error: null });
      }
      expect(performance.now() - began).toBeLessThan(5_000);
    });

    test('nor another receiver', async () => {
      const { url: silent } = hook(neverAnswers);
      const { scene, url } = hook(thanks);
      for (let n = 0; n < 3; n += 1) await submitWith(backend, { url: silent });
      await submitWith(backend, { url });
      expect(await within(5_000, scene.call())).not.toBe('late');
    });
  });
});

describe('a job that expires', () => {
  const backend = useConfiguredBackend(upstream, {
    ...oneProcess,
    env: {
      WEBHOOK_SECRET: webhookSecret,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      JOB_CONCURRENCY: '1',
    },
  });

  test('is told, too', async () => {
    const release = gate();
    const first = await submitChat(backend, chat(upstream.scene(waitsFor(release))));
    await reaches(backend, first, 'in_progress');
    const { scene, url } = hook(thanks);
    await submitWith(backend, { url }, plausible(), { deadline_seconds: 1 });
    const { body } = await deliveryOf(await scene.call());
    expect(body).toMatchObject({ type: 'job.expired', data: { status: 'expired', usage: null } });
    release.open();
  });
});

describe('while a secret is replaced by another', () => {
  const next = `whsec_${Buffer.from('the-next-webhook-secret-32-bytes').toString('base64')}`;
  const backend = useConfiguredBackend(upstream, {
    env: { WEBHOOK_SECRET: `${webhookSecret},${next}`, WEBHOOK_ALLOW_PRIVATE: 'true' },
  });

  test('each of them signs', async () => {
    const { scene, url } = hook(thanks);
    await submitWith(backend, { url });
    const { headers, rawBody } = await scene.call();
    for (const secret of [webhookSecret, next]) {
      expect(() => new Verifier(secret).verify(rawBody, headers as never)).not.toThrow();
    }
  });
});

describe('what is no webhook is refused', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { WEBHOOK_SECRET: webhookSecret, WEBHOOK_ALLOW_PRIVATE: 'true' },
  });

  test.each<[string, unknown, string | RegExp]>([
    ['a text', 'http://example.com/', 'webhook'],
    ['no URL', {}, 'webhook.url'],
    ['words', { url: 'over there' }, 'webhook.url'],
    ['another scheme', { url: 'ftp://example.com/' }, 'webhook.url'],
    ['a file', { url: 'file:///etc/passwd' }, 'webhook.url'],
    ['a script', { url: 'javascript:alert(1)' }, 'webhook.url'],
    ['no host', { url: 'http://' }, 'webhook.url'],
    ['no event', { url: 'http://example.com/', events: ['job.surprised'] }, /^webhook\.events/u],
    [
      'no list of events',
      { url: 'http://example.com/', events: 'job.failed' },
      /^webhook\.events/u,
    ],
  ])('%s: 400', async (_case, webhook, param) => {
    const scene = plausible();
    const request = { type: 'chat.completion', request: chat(scene), webhook };
    const answer = await backend.post('/v1/jobs', request);
    expectProblem(answer, { status: 400, code: 'invalid_request', param });
    await sleep(100);
    expect(scene.calls.length).toBe(0);
  });
});

describe('private addresses', () => {
  const backend = useConfiguredBackend(upstream, { env: { WEBHOOK_SECRET: webhookSecret } });

  const literal = [
    ...['127.0.0.1', '127.1.2.3', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '0.0.0.0', '255.255.255.255', '224.0.0.1'],
    // Other ways to write the same.
    ...['2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '127.1', '127.0.0.1.', '①②⑦.0.0.1'],
    ...[
      '[::1]',
      '[::]',
      '[0:0:0:0:0:0:0:1]',
      '[fe80::1]',
      '[fc00::1]',
      '[fd12:3456::1]',
      '[ff02::1]',
    ],
    // IPv4 within IPv6: mapped, compatible, translated (NAT64), 6to4.
    ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:a9fe:a9fe]', '[::127.0.0.1]'],
    ...['[64:ff9b::7f00:1]', '[64:ff9b::a9fe:a9fe]', '[2002:7f00:1::]'],
  ];

  test.each(literal)('%s is refused at once', async (host) => {
    for (const url of [`http://${host}/hook`, `https://${host}:8443/`]) {
      const request = { type: 'chat.completion', request: chat(plausible()), webhook: { url } };
      const answer = await backend.post('/v1/jobs', request);
      expectProblem(answer, { status: 400, code: 'invalid_request', param: 'webhook.url' });
    }
  });

  describe('by the names that lead to them', () => {
    let connections = 0;
    const listeners: Server[] = [];
    const port = () => (listeners[0]?.address() as AddressInfo).port;

    // Listens on every address of this machine, and answers whoever comes as a good receiver would.
    beforeAll(async () => {
      const listener = createServer((socket) => {
        connections += 1;
        socket.on('error', () => undefined);
        socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
      });
      await new Promise<void>((resolve) => listener.listen(0, resolve));
      listeners.push(listener);
    });
    afterAll(() => Promise.all(listeners.map((each) => new Promise((done) => each.close(done)))));

    test.each(['localhost', 'LOCALHOST'])(
      '%s: refused, without a connection, and the job completes regardless',
      async (name) => {
        const url = `http://${name}:${String(port())}/hook`;
        const before = connections;
        const refused = named('webhook_deliveries_total', { result: 'refused' });
        const more = await growth(backend.processes, refused, async () => {
          const accepted = await submitWith(backend, { url });
          expect(await ended(backend, accepted)).toMatchObject({
            status: 'completed',
            error: null,
          });
        });
        await eventually('the delivery is refused', async () => (await more()) === 1);
        expect(connections).toBe(before);
      },
    );

    test('and that is final', async () => {
      await sleep(7_000);
      expect(connections).toBe(0);
    });
  });
});

describe('without a secret', () => {
  const backend = useBackend(upstream);

  test('a job with a webhook is refused, and one without is not', async () => {
    const scene = plausible();
    const webhook = { url: 'https://example.com/hook' };
    const request = { type: 'chat.completion', request: chat(scene) };
    const answer = await backend.post('/v1/jobs', { ...request, webhook });
    expectProblem(answer, { status: 400, code: 'webhooks_disabled', param: 'webhook' });
    expect(scene.calls.length).toBe(0);
    expect((await backend.post('/v1/jobs', request)).status).toBe(202);
  });
});
