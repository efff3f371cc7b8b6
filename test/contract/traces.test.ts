import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, respondAsync, submit, submitChat } from './clients/jobs.js';
import { cacheableChat, chat, embed, summarize } from './clients/requests.js';
import { Collector } from './collector/collector.js';
import type { Span, SpanKind } from './collector/spans.js';
import { chunksOf } from './expectations/chat-stream.js';
import { eventually, within } from './expectations/timing.js';
import { providerKey } from './subject/environment.js';
import { closedPort } from './subject/unreachable.js';
import { useConfiguredBackend } from './subject/use-backend.js';
import type { UpstreamCall } from './upstream/call.js';
import { answersPlausibly, fails, streamsText } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';
const secret = 'SECRET-PROMPT-OF-A-CLIENT';

const collector = new Collector();
beforeAll(() => collector.listen());
afterAll(() => collector.close());

/** Standard variables that have spans sent at once; a backend may well not know them. */
const soon = { OTEL_BSP_SCHEDULE_DELAY: '100' };

/** A trace that a client began. */
class ClientTrace {
  readonly traceId = randomBytes(16).toString('hex');
  readonly spanId = randomBytes(8).toString('hex');

  constructor(private readonly flags = '01') {}

  get headers(): { traceparent: string } {
    return { traceparent: `00-${this.traceId}-${this.spanId}-${this.flags}` };
  }
}

interface Parent {
  traceId: string;
  spanId: string;
  flags: string;
}

/** The traceparent (https://www.w3.org/TR/trace-context/) that a call carries. */
function parentOf({ headers }: UpstreamCall): Parent {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/u.exec(String(headers['traceparent'])) ?? [];
  expect(traceId, `a traceparent: ${String(headers['traceparent'])}`).not.toBe('');
  return { traceId, spanId, flags };
}

function only(spans: readonly Span[], kind: SpanKind): Span {
  const [span, ...others] = spans.filter((each) => each.kind === kind);
  if (span === undefined || others.length > 0) {
    throw new Error(`There was to be one span of kind ${kind}: ${JSON.stringify(spans)}`);
  }
  return span;
}

describe('with OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  const backend = useConfiguredBackend(upstream, () => ({
    env: { ...soon, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_SERVICE_NAME: 'acme-ai' },
  }));

  test('a request continues its client’s trace, and the upstream continues the backend’s', async () => {
    const client = new ClientTrace();
    const scene = upstream.scene(answersPlausibly());
    await backend.post(path, chat(scene), client.headers);
    const spans = await collector.trace(client.traceId, 'SERVER', 'CLIENT');
    const [server, call] = [only(spans, 'SERVER'), only(spans, 'CLIENT')];
    expect(server).toMatchObject({
      name: `POST ${path}`,
      parentId: client.spanId,
      failed: false,
      service: 'acme-ai',
    });
    expect(server.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': path,
      'http.response.status_code': 200,
    });
    expect(call.parentId).toBe(server.spanId);
    const { traceId, spanId, flags } = parentOf(await scene.call());
    expect([traceId, spanId, flags]).toEqual([client.traceId, call.spanId, '01']);
  });

  test('the call of the model says what GenAI’s conventions say', async () => {
    const client = new ClientTrace();
    await backend.post(path, chat({ model: 'default' }), client.headers);
    const call = only(await collector.trace(client.traceId, 'CLIENT'), 'CLIENT');
    expect(call.name).toBe('chat default');
    expect(call.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': expect.any(String) as string,
      'gen_ai.request.model': expect.any(String) as string,
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 7,
    });
  });

  test('so it is of streams, to their end', async () => {
    const client = new ClientTrace();
    const scene = upstream.scene(streamsText(['Hello', ' there'], { pause: 100 }));
    await chunksOf(await backend.stream(path, chat(scene, { stream: true }), client.headers));
    const spans = await collector.trace(client.traceId, 'SERVER', 'CLIENT');
    expect(only(spans, 'CLIENT').attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 7,
    });
    expect(only(spans, 'SERVER').attributes['http.response.status_code']).toBe(200);
    expect(parentOf(await scene.call()).spanId).toBe(only(spans, 'CLIENT').spanId);
  });

  test.each<[string, string, (scene: { model: string }) => unknown]>([
    ['embeddings', '/v1/embeddings', embed],
    ['a task', '/v1/tasks/summarize', summarize],
  ])('and of %s', async (_case, route, request) => {
    const client = new ClientTrace();
    const scene = upstream.scene(answersPlausibly());
    await backend.post(route, request(scene), client.headers);
    const spans = await collector.trace(client.traceId, 'SERVER', 'CLIENT');
    expect(only(spans, 'CLIENT').parentId).toBe(only(spans, 'SERVER').spanId);
    expect(parentOf(await scene.call()).traceId).toBe(client.traceId);
  });

  test.each<
    [string, (scene: { model: string }, headers: Record<string, string>) => Promise<unknown>]
  >([
    [
      'POST /v1/jobs',
      (scene, headers) =>
        backend.post('/v1/jobs', { type: 'chat.completion', request: chat(scene) }, headers),
    ],
    [
      'Prefer: respond-async',
      (scene, headers) => backend.post(path, chat(scene), { ...headers, ...respondAsync }),
    ],
  ])('a trace goes on through the queue: %s', async (_case, call) => {
    const client = new ClientTrace();
    const scene = upstream.scene(answersPlausibly());
    await call(scene, client.headers);
    const spans = await collector.trace(
      client.traceId,
      ...(['SERVER', 'PRODUCER', 'CONSUMER', 'CLIENT'] as const),
    );
    const [server, producer] = [only(spans, 'SERVER'), only(spans, 'PRODUCER')];
    const [consumer, model] = [only(spans, 'CONSUMER'), only(spans, 'CLIENT')];
    expect(server.parentId).toBe(client.spanId);
    expect(producer.parentId).toBe(server.spanId);
    expect(consumer.parentId).toBe(producer.spanId);
    expect(model.parentId).toBe(consumer.spanId);
    expect(parentOf(await scene.call())).toMatchObject({
      traceId: client.traceId,
      spanId: model.spanId,
    });
  });

  test('who brings no trace gets a new one, and so does who brings nonsense', async () => {
    const { traceId, spanId } = new ClientTrace();
    const wrong = [
      undefined,
      'nonsense',
      `00-${'0'.repeat(32)}-${spanId}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      `00-${traceId.toUpperCase().slice(0, 31)}G-${spanId}-01`,
      `ff-${traceId}-${spanId}-01`,
    ];
    const seen = new Set<string>();
    for (const traceparent of wrong) {
      const scene = upstream.scene(answersPlausibly());
      const headers: Record<string, string> = traceparent === undefined ? {} : { traceparent };
      const answer = await backend.post(path, chat(scene), headers);
      expect(answer.status, answer.text).toBe(200);
      const parent = parentOf(await scene.call());
      expect(parent.traceId).not.toBe(traceId);
      const server = only(await collector.trace(parent.traceId, 'SERVER'), 'SERVER');
      expect(server.parentId).toBe('');
      seen.add(parent.traceId);
    }
    expect(seen.size).toBe(wrong.length);
  });

  test('tracestate travels with its trace', async () => {
    const client = new ClientTrace();
    const scene = upstream.scene(answersPlausibly());
    await backend.post(path, chat(scene), { ...client.headers, tracestate: 'acme=t61rcWkgMzE' });
    expect((await scene.call()).headers['tracestate']).toBe('acme=t61rcWkgMzE');
  });

  test('a client that does not want to be traced is not, and neither is its upstream', async () => {
    const quiet = new ClientTrace('00');
    const scene = upstream.scene(answersPlausibly());
    await backend.post(path, chat(scene), quiet.headers);
    const parent = parentOf(await scene.call());
    expect([parent.traceId, parent.flags]).toEqual([quiet.traceId, '00']);
    const loud = new ClientTrace();
    await backend.post(path, chat(upstream.scene(answersPlausibly())), loud.headers);
    await collector.trace(loud.traceId, 'SERVER');
    expect(collector.spans.filter(({ traceId }) => traceId === quiet.traceId)).toEqual([]);
  });

  test('what fails is marked', async () => {
    const client = new ClientTrace();
    await backend.post(path, chat(upstream.scene(fails(500))), client.headers);
    const spans = await collector.trace(client.traceId, 'SERVER', 'CLIENT');
    expect(only(spans, 'CLIENT')).toMatchObject({ failed: true });
    expect(only(spans, 'CLIENT').attributes['error.type']).toBeTruthy();
    expect(only(spans, 'SERVER')).toMatchObject({ failed: true });
    const wrong = new ClientTrace();
    await backend.post(path, '{', wrong.headers);
    const server = only(await collector.trace(wrong.traceId, 'SERVER'), 'SERVER');
    expect(server.failed, 'a client’s mistake is no failure of the server').toBe(false);
    expect(server.attributes['http.response.status_code']).toBe(400);
  });

  test('a cached answer is a request without a call', async () => {
    const scene = upstream.scene(answersPlausibly());
    await backend.post(path, cacheableChat(scene));
    const client = new ClientTrace();
    await backend.post(path, cacheableChat(scene), client.headers);
    const spans = await collector.trace(client.traceId, 'SERVER');
    await sleep(300);
    expect(spans.filter(({ kind }) => kind === 'CLIENT')).toEqual([]);
  });

  test('names of spans come from routes, never from what a client writes', async () => {
    const client = new ClientTrace();
    await backend.get('/v1/jobs/FREE-TEXT-OF-A-CLIENT', client.headers);
    const { name } = only(await collector.trace(client.traceId, 'SERVER'), 'SERVER');
    expect(name).not.toContain('FREE-TEXT');
    expect(name).toMatch(/^GET \/v1\/jobs\/[:{]\w+\}?$/u);
    const lost = new ClientTrace();
    await backend.get('/v1/FREE-TEXT-OF-A-CLIENT', lost.headers);
    const other = only(await collector.trace(lost.traceId, 'SERVER'), 'SERVER');
    expect(other.name).not.toContain('FREE-TEXT');
  });

  test('neither prompts nor answers nor keys are in a trace', async () => {
    const client = new ClientTrace();
    const headers = { ...client.headers, authorization: 'Bearer sk-of-the-client' };
    const messages = [{ role: 'user', content: secret }];
    const scene = () => upstream.scene(answersPlausibly(secret));
    await backend.post(path, chat(scene(), { messages }), headers);
    await chunksOf(await backend.stream(path, chat(scene(), { messages, stream: true }), headers));
    const failing = upstream.scene(fails(500, { error: { message: secret } }));
    await backend.post(path, chat(failing, { messages }), headers);
    const request = chat(scene(), { messages });
    const accepted = await submit(backend, '/v1/jobs', { type: 'chat.completion', request });
    await ended(backend, accepted);
    await collector.trace(client.traceId, 'SERVER', 'CLIENT');
    await sleep(500);
    expect(collector.received).toContain(Buffer.from('chat').toString());
    for (const text of [secret, 'sk-of-the-client', providerKey]) {
      expect(collector.received).not.toContain(text);
    }
  });

  test('the log names the trace of each request and of each job', async () => {
    const client = new ClientTrace();
    await backend.post(path, chat(upstream.scene(answersPlausibly())), client.headers);
    const lines = () =>
      backend.deployment.stdout
        .split('\n')
        .filter((line) => line.includes(client.traceId))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    await eventually('the request is logged', () => lines().length > 0);
    expect(lines()[0]).toMatchObject({ trace_id: client.traceId });
    const server = only(await collector.trace(client.traceId, 'SERVER'), 'SERVER');
    expect(lines()[0]?.['span_id']).toBe(server.spanId);
  });

  test('only traces are sent', () => {
    expect(collector.strays).toEqual([]);
  });
});

describe('where the collector is not', () => {
  const backend = useConfiguredBackend(upstream, async () => ({
    env: {
      ...soon,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(await closedPort())}`,
    },
  }));

  test('all goes on', async () => {
    for (let n = 0; n < 5; n += 1) {
      const scene = upstream.scene(answersPlausibly());
      const answer = await within(3_000, backend.post(path, chat(scene)));
      expect(answer === 'late' ? answer : answer.status).toBe(200);
      await ended(backend, await submitChat(backend, chat(scene)));
      await sleep(200);
    }
    expect((await backend.get('/readyz')).status).toBe(200);
  });
});

describe('without OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  // Where OpenTelemetry sends what it is not told to send elsewhere.
  const standard = new Collector();
  let listens = false;
  beforeAll(async () => {
    listens = await standard.listen(4318).then(
      () => true,
      () => false,
    );
  });
  afterAll(() => (listens ? standard.close() : undefined));
  const backend = useConfiguredBackend(upstream, {
    env: { ...soon, OTEL_SERVICE_NAME: 'acme-ai' },
  });

  test('nothing is sent anywhere', async (context) => {
    context.skip(!listens, 'the standard port of collectors is taken');
    const client = new ClientTrace();
    const scene = upstream.scene(answersPlausibly());
    const answer = await backend.post(path, chat(scene), client.headers);
    expect(answer.status).toBe(200);
    await sleep(1_500);
    expect(standard.received).toBe('');
  });
});
