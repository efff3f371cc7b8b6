import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { CompletionAssembler, type ChatChunk } from '../../src/inference/chat-chunks.js';
import { createAnthropicProvider } from '../../src/providers/anthropic/anthropic-provider.js';
import type { ChatChunks } from '../../src/providers/provider.js';
import {
  answering,
  answerWithTools,
  block,
  ends,
  message,
  said,
  send,
  start,
  streaming,
  streamWithTools,
  textDelta,
} from '../support/anthropic-messages.js';
import { partsOf } from '../support/parts-of.js';
import { startTestServer } from '../support/test-server.js';
import { startUpstream } from '../support/upstream-server.js';

const config = {
  PROVIDER_CONNECT_TIMEOUT_MS: 10_000,
  PROVIDER_FIRST_BYTE_TIMEOUT_MS: 10_000,
  PROVIDER_TIMEOUT_MS: 20_000,
};
const request = { model: 'claude-haiku-5-5', messages: [{ role: 'user', content: 'Hello' }] };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A provider, and a call of a server that answers as the listener does. */
async function callOf(
  listener: RequestListener,
  { signal = new AbortController().signal, base = '' } = {},
) {
  const server = await startUpstream(listener);
  const provider = createAnthropicProvider(config, () => 'secret');
  cleanUps.push(() => provider.close());
  cleanUps.push(() => {
    server.close();
  });
  const target = {
    provider: 'anthropic',
    model: 'claude-haiku-5-5',
    baseUrl: server.url + base,
    apiKeyEnv: 'KEY',
  } as const;
  return { provider, call: { target, signal } };
}

async function collect(chunks: AsyncIterable<ChatChunks>): Promise<ChatChunk[]> {
  const values: ChatChunk[] = [];
  for await (const { value } of partsOf(chunks)) values.push(value);
  return values;
}

function assembleCompletion(chunks: readonly ChatChunk[]) {
  const assembler = new CompletionAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return assembler.finish();
}

describe('the Anthropic provider', () => {
  it.each([
    ['', '/v1/messages'],
    ['/', '/v1/messages'],
    ['/v1/', '/v1/messages'],
    ['/gateway/v1?zone=eu', '/gateway/v1/messages?zone=eu'],
  ])('calls a base that ends in "%s" at %s', async (base, path) => {
    const seen: { url?: string | undefined; headers?: IncomingHttpHeaders; body?: unknown } = {};
    const { provider, call } = await callOf(
      (incoming, response) => {
        seen.url = incoming.url;
        seen.headers = incoming.headers;
        void text(incoming).then((body) => {
          seen.body = JSON.parse(body);
          response.end(JSON.stringify(message([said], {})));
        });
      },
      { base },
    );
    await provider.chat({ ...request, max_tokens: 9 }, call);
    expect(seen.url).toBe(path);
    expect(seen.headers).toMatchObject({
      'x-api-key': 'secret',
      'anthropic-version': '2026-10-21',
      'content-type': 'application/json',
    });
    expect(seen.body).toEqual({
      model: 'claude-haiku-5-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    });
    await provider.chat({ ...request, temperature: 0 }, call);
    expect(seen.headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
  });

  it('answers with thoughts, text, tool calls and usage', async () => {
    const { provider, call } = await callOf(answering(answerWithTools));
    const { value, text: body } = await provider.chat(request, call);
    expect(JSON.parse(body)).toEqual(value);
    expect(value).toMatchObject({
      id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
      object: 'chat.completion',
      model: 'claude-haiku-5-5',
      usage: {
        prompt_tokens: 324,
        completion_tokens: 55,
        total_tokens: 379,
        prompt_tokens_details: { cached_tokens: 300 },
        completion_tokens_details: { reasoning_tokens: 30 },
      },
    });
    expect(value.choices).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'I will look.',
          refusal: null,
          reasoning_content: 'Two cities.',
          tool_calls: [
            {
              id: 'toolu_01A',
              type: 'function',
              function: {
                name: 'weather',
                arguments: '{"city":"Bern","station":12345678901234567890}',
              },
            },
            { id: 'toolu_01B', type: 'function', function: { name: 'now', arguments: '{}' } },
          ],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ]);
  });

  it('streams the same answer, with one finish reason and the usage at its end', async () => {
    const whole = await callOf(answering(answerWithTools));
    const streamed = await callOf(streaming(...streamWithTools));
    const { value: completion } = await whole.provider.chat(request, whole.call);
    const chunks = await collect(streamed.provider.chatStream(request, streamed.call));

    const { created } = completion;
    expect({ ...assembleCompletion(chunks), created }).toEqual(completion);
    const reasons = chunks.map(({ choices }) => choices[0]?.finish_reason ?? null);
    expect(reasons.filter((reason) => reason !== null)).toEqual(['tool_calls']);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: completion.usage });
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant' });
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['pause_turn', 'length'],
    ['refusal', 'content_filter'],
  ])('says of %s that it is %s, streamed or not', async (stop_reason, expected) => {
    const stop_details = { type: 'refusal', category: 'cyber', explanation: 'Not this.' };
    const whole = await callOf(answering(message([said], { stop_reason, stop_details })));
    const streamed = await callOf(streaming(start, ...ends(stop_reason, stop_details)));
    const { value } = await whole.provider.chat(request, whole.call);
    const chunks = await collect(streamed.provider.chatStream(request, streamed.call));
    for (const { choices } of [value, assembleCompletion(chunks)]) {
      const refusal = stop_reason === 'refusal' ? 'Not this.' : null;
      expect(choices[0]).toMatchObject({ finish_reason: expected, message: { refusal } });
    }
  });

  it.each([
    ['after its last block', [start, ...block(0, said, textDelta('Hi'))]],
    ['before its last event', [start, ...ends('end_turn').slice(0, 1)]],
    ['without having said how it ended', [start, { type: 'message_stop' }]],
  ])('takes a stream that ends %s for a failure', async (_where, events) => {
    const { provider, call } = await callOf(streaming(...events));
    const chunks: ChatChunk[] = [];
    const reading = async () => {
      for await (const { value } of partsOf(provider.chatStream(request, call))) chunks.push(value);
    };
    await expect(reading()).rejects.toMatchObject({ status: 502, kind: 'broken_answer' });
    expect(chunks.every(({ choices }) => choices[0]?.finish_reason == null)).toBe(true);
  });

  const error = (type: string, fields = {}) => ({
    type: 'error',
    error: { type, message: 'No.', ...fields },
    request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy',
  });

  it.each([
    [400, error('invalid_request_error'), { status: 400, kind: 'invalid_request' }],
    [401, error('authentication_error'), { status: 502, kind: 'refused' }],
    [402, error('billing_error'), { status: 502, kind: 'refused' }],
    [404, error('not_found_error'), { status: 404, body: { code: 'model_not_found' } }],
    [413, error('request_too_large'), { status: 413, kind: 'invalid_request' }],
    [429, error('rate_limit_error'), { status: 429, kind: 'rate_limited', retryAfterMs: 7_000 }],
    [
      429,
      error('rate_limit_error', { details: { error_code: 'contract_spend_limit_reached' } }),
      { status: 429, kind: 'out_of_quota', headers: { 'x-should-retry': 'false' } },
    ],
    [500, error('api_error'), { status: 502, kind: 'server_error' }],
    [529, error('overloaded_error'), { status: 502, kind: 'server_error', upstreamStatus: 529 }],
    [502, { html: true }, { status: 502, kind: 'server_error' }],
  ])('knows a failure with status %i', async (status, body, expected) => {
    const { provider, call } = await callOf(answering(body, status, { 'retry-after': '7' }));
    await expect(provider.chat(request, call)).rejects.toMatchObject(expected);
  });

  it('knows a failure within a stream', async () => {
    const { provider, call } = await callOf(streaming(start, error('overloaded_error')));
    await expect(collect(provider.chatStream(request, call))).rejects.toMatchObject({
      kind: 'server_error',
      upstreamStatus: 529,
    });
  });

  it('refuses embeddings', async () => {
    const { provider, call } = await callOf(answering({}));
    await expect(provider.embed({ model: 'claude', input: 'a' }, call)).rejects.toMatchObject({
      status: 400,
      kind: 'invalid_request',
      body: { param: 'model' },
    });
  });

  it('breaks off the call of a stream when nobody waits any more', async () => {
    const controller = new AbortController();
    let whenClosed: Promise<unknown> = Promise.resolve();
    const { provider, call } = await callOf(
      (_request, response) => {
        whenClosed = new Promise((resolve) => response.once('close', resolve));
        send(response, [start]);
      },
      { signal: controller.signal },
    );
    const chunks = provider.chatStream(request, call);
    await chunks.next();
    controller.abort();
    await expect(chunks.next()).rejects.toMatchObject({ name: 'AbortError' });
    await whenClosed;
  });
});

describe('a server with Anthropic behind it', () => {
  async function serverBefore(listener: RequestListener) {
    const upstream = await startUpstream(listener);
    const server = await startTestServer({
      PROVIDER: 'anthropic',
      PROVIDER_BASE_URL: upstream.url,
      PROVIDER_API_KEY: 'secret',
    });
    cleanUps.push(() => server.close());
    cleanUps.push(() => {
      upstream.close();
    });
    return server;
  }

  it('streams what OpenAI would, after the failures that pass', async () => {
    const answers = [
      answering({ type: 'error', error: { type: 'overloaded_error', message: 'Later.' } }, 529),
      streaming(start, ...block(0, said, textDelta('Hi')), ...ends('end_turn')),
    ];
    const server = await serverBefore((incoming, response) => {
      answers.shift()?.(incoming, response);
    });
    const response = await server.post('/v1/chat/completions', { ...request, stream: true });
    const frames = (await response.text()).trim().split('\n\n');
    expect(frames.at(-1)).toBe('data: [DONE]');
    expect(frames.slice(0, -1).map((frame) => JSON.parse(frame.slice(6)) as unknown)).toMatchObject(
      [
        { choices: [{ delta: { role: 'assistant' } }] },
        { choices: [{ delta: { content: 'Hi' } }] },
        { choices: [{ finish_reason: 'stop' }] },
      ],
    );
  });

  it('ends the call when the caller leaves, and answers for embeddings with 400', async () => {
    let whenClosed: Promise<unknown> = Promise.resolve();
    const server = await serverBefore((_request, response) => {
      whenClosed = new Promise((resolve) => response.once('close', resolve));
      send(response, [start]);
    });
    const response = await server.post('/v1/chat/completions', { ...request, stream: true });
    await response.body?.cancel();
    await whenClosed;

    const refused = await server.post('/v1/embeddings', { model: 'embedding', input: 'a' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { param: 'model' } });
  });
});
