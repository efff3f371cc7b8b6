import { createRequire } from 'node:module';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProviderCall } from '../../src/providers/provider.js';
import { FakeProvider } from '../support/fake-provider.js';
import { startTestServer } from '../support/test-server.js';
import { startTraceCollector, type TraceCollector } from '../support/trace-collector.js';

const lines = vi.hoisted((): string[] => []);

vi.mock('../../src/telemetry/logger.js', () => ({
  createLogger: () => pino({ base: null }, { write: (line) => lines.push(line) }),
}));

/** Notes what trace its calls belong to. */
class TracedProvider extends FakeProvider {
  readonly traces: ProviderCall['traceHeaders'][] = [];

  override chat(...[request, call]: Parameters<FakeProvider['chat']>) {
    this.traces.push((call as ProviderCall).traceHeaders);
    return super.chat(request, call);
  }
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const caller = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${caller}-01`;
const secret = 'what nobody may read';
const body = { model: 'default', messages: [{ role: 'user', content: secret }] };

const loaded = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) =>
    path.includes('@opentelemetry/sdk-trace-base'),
  );

// The first of all tests here, since what is loaded stays loaded.
describe('without a collector', () => {
  it('no trace is kept, and what would keep it is not loaded', async () => {
    const provider = new TracedProvider();
    const server = await startTestServer({}, { providers: { mock: provider } });
    await server.post('/v1/chat/completions', body, { traceparent });
    await server.close();
    expect(provider.traces).toEqual([undefined]);
    expect(loaded()).toEqual([]);
  });
});

describe('with a collector', () => {
  let collector: TraceCollector;
  let provider: TracedProvider;
  beforeEach(async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-collector-key=k1');
    lines.length = 0;
    collector = await startTraceCollector();
    provider = new TracedProvider();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    collector.close();
  });

  const start = () =>
    startTestServer(
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
      { providers: { mock: provider } },
    );
  const span = (name: string) => {
    const found = collector.spans.filter((each) => each.name === name);
    expect(found, name).toHaveLength(1);
    return found[0];
  };
  const logged = (message: string) =>
    lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find(({ msg }) => msg === message);

  it("a request goes on with its caller's trace, and hands it to the provider", async () => {
    const server = await start();
    await server.post('/v1/chat/completions', body, { traceparent, tracestate: 'acme=1' });
    await server.get('/livez', { traceparent });
    await server.close();

    expect(loaded()).not.toEqual([]);
    expect(collector.spans).toHaveLength(2);
    const request = span('POST /v1/chat/completions');
    expect(request).toMatchObject({ traceId, parentSpanId: caller, kind: 2 });
    expect(request?.attributes).toMatchObject({
      'http.route': '/v1/chat/completions',
      'http.response.status_code': 200,
    });
    const call = span('chat default');
    expect(call).toMatchObject({ traceId, parentSpanId: request?.spanId, kind: 3 });
    expect(call?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'mock',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 1,
      'gen_ai.usage.output_tokens': 3,
    });
    expect(provider.traces).toEqual([
      { traceparent: `00-${traceId}-${call?.spanId ?? ''}-01`, tracestate: 'acme=1' },
    ]);
    expect(logged('request')).toMatchObject({ trace_id: traceId, span_id: request?.spanId });
    expect(collector.headers[0]).toMatchObject({ 'x-collector-key': 'k1' });
    expect(collector.text).not.toContain(secret);
  });

  it('a job is run in the trace that it was submitted in', async () => {
    const server = await start();
    const headers = { traceparent, prefer: 'respond-async' };
    const job = await server.post('/v1/chat/completions', body, headers);
    const { urls } = (await job.json()) as { urls: { self: string } };
    await server.get(urls.self, { prefer: 'wait=5' });
    await server.close();

    const sent = span('send jobs');
    expect(sent).toMatchObject({
      parentSpanId: span('POST /v1/chat/completions')?.spanId,
      kind: 4,
    });
    const run = span('process jobs');
    expect(run).toMatchObject({ traceId, parentSpanId: sent?.spanId, kind: 5 });
    expect(span('chat default')).toMatchObject({ traceId, parentSpanId: run?.spanId });
  });

  it("a streamed answer is told of too, and one without a caller's trace begins its own", async () => {
    const server = await start();
    await (await server.post('/v1/chat/completions', { ...body, stream: true })).text();
    await (await server.post('/v1/chat/completions', body, { traceparent: 'nonsense' })).text();
    await server.close();
    const [streamed, plain] = collector.spans.filter(({ name }) => name === 'chat default');
    expect(streamed?.attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.output_tokens': 3,
    });
    expect(plain?.traceId).not.toBe(streamed?.traceId);
    expect(collector.spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(
      2,
    );
  });

  it('failures are told by a word', async () => {
    provider.chat = () => Promise.reject(new Error(secret));
    const server = await start();
    await server.post('/v1/chat/completions', body);
    await server.close();
    expect(span('chat default')?.attributes).toMatchObject({ 'error.type': 'Error' });
    expect(span('POST /v1/chat/completions')?.attributes).toMatchObject({ 'error.type': '500' });
    expect(logged('request failed')).toMatchObject({ trace_id: span('chat default')?.traceId });
    expect(collector.text).not.toContain(secret);
  });

  it('a collector that is gone holds up nothing', async () => {
    collector.close();
    const server = await start();
    expect((await server.post('/v1/chat/completions', body)).status).toBe(200);
    await server.close();
  });
});
