import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { apiErrorOf, openai, sdk, zodResponseFormat } from './clients/sdk.js';
import { weatherTool } from './clients/requests.js';
import { expectAbortWithinASecond } from './expectations/timing.js';
import { useBackend, useConfiguredBackend } from './subject/use-backend.js';
import {
  completion,
  embeddingList,
  errorBody,
  toolCallChunks,
  toolCalls,
  usage,
  vector,
} from './upstream/answers.js';
import type { Script } from './upstream/scene.js';
import {
  answers,
  answersPlausibly,
  fails,
  neverAnswers,
  streams,
  streamsText,
  streamsWithoutEnd,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const messages = [{ role: 'user' as const, content: 'Say hello.' }];

describe('the official SDK', () => {
  test('completes a chat', async () => {
    const { model } = upstream.scene(answers(completion()));
    const answer = await openai(backend).chat.completions.create({ model, messages });
    expect(answer.choices[0]?.message.content).toBe('Hello from upstream.');
    expect(answer.usage).toEqual(usage);
    expect(answer._request_id, 'the request id').toMatch(/^req_[0-9a-f]{32}$/u);
  });

  test('streams a chat with usage', async () => {
    const { model } = upstream.scene(streamsText(['Hello', ' there']));
    const stream = await openai(backend).chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const parts = [];
    for await (const part of stream) parts.push(part);
    expect(parts.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      'Hello there',
    );
    expect(parts.at(-1)?.usage).toEqual(usage);
  });

  test('gathers a stream with its own helper', async () => {
    const { model } = upstream.scene(streamsText(['Hello', ' there']));
    const final = await openai(backend)
      .chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe('Hello there');
    expect(final.usage).toEqual(usage);
  });

  test('calls tools', async () => {
    const scene = upstream.scene(
      answers(completion({ content: null, tool_calls: toolCalls, finish_reason: 'tool_calls' })),
      streams(toolCallChunks()),
    );
    const request = { model: scene.model, messages, tools: [weatherTool] };
    const answer = await openai(backend).chat.completions.create(request);
    expect(answer.choices[0]?.message.tool_calls).toEqual(toolCalls);
    const final = await openai(backend).chat.completions.stream(request).finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls).toMatchObject(toolCalls);
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('parses structured output', async () => {
    const scene = upstream.scene(answersPlausibly());
    const shape = z.object({ title: z.string(), pages: z.int(), tags: z.array(z.string()) });
    const answer = await openai(backend).chat.completions.parse({
      model: scene.model,
      messages,
      response_format: zodResponseFormat(shape, 'book'),
    });
    expect(answer.choices[0]?.message.parsed).toEqual({
      title: 'example',
      pages: 1,
      tags: ['example'],
    });
  });

  test('throws when a stream it parses is truncated', async () => {
    const { model } = upstream.scene(
      answers(completion({ content: '{"ti', finish_reason: 'length' })),
    );
    const call = openai(backend).chat.completions.parse({
      model,
      messages,
      response_format: zodResponseFormat(z.object({ title: z.string() }), 'book'),
    });
    await expect(call).rejects.toThrow(sdk.OpenAIError);
  });

  test.each<[string, Script]>([
    ['an upstream that knows base64', answersPlausibly()],
    ['an upstream that knows floats only', answers(embeddingList([vector, vector]))],
  ])('gets embeddings by its default encoding from %s', async (_case, script) => {
    const scene = upstream.scene(script);
    const { data } = await openai(backend).embeddings.create({
      model: scene.model,
      input: ['a', 'b'],
    });
    // What it asks for without saying so is base64; floats would have become zeros.
    expect(data.map(({ embedding }) => embedding)).toEqual([
      vector.map(Math.fround),
      vector.map(Math.fround),
    ]);
  });

  test('gets embeddings as floats', async () => {
    const scene = upstream.scene(answersPlausibly());
    const { data } = await openai(backend).embeddings.create({
      model: scene.model,
      input: 'a',
      encoding_format: 'float',
    });
    expect(data[0]?.embedding).toEqual(vector);
  });

  test('lists and retrieves models', async () => {
    const client = openai(backend);
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toContain('default');
    expect((await client.models.retrieve('default')).id).toBe('default');
    expect((await client.models.retrieve('vendor/name')).id).toBe('vendor/name');
  });
});

describe('the official SDK throws', () => {
  const create = (model: string) => openai(backend).chat.completions.create({ model, messages });

  test('BadRequestError for a request that is wrong, naming the field', async () => {
    const error = await apiErrorOf(
      openai(backend).chat.completions.create({ model: 'm', messages: [] }),
    );
    expect(error).toBeInstanceOf(sdk.BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      code: 'invalid_request',
      param: 'messages',
      type: 'invalid_request_error',
    });
    expect(error.requestID).toMatch(/^req_[0-9a-f]{32}$/u);
  });

  const upstreamError = errorBody(
    'Upstream says no.',
    'invalid_request_error',
    'some_code',
    'some_param',
  );
  test.each([
    [400, 'BadRequestError', 400, 'some_code', 'some_param', 'invalid_request_error'],
    [404, 'NotFoundError', 404, 'some_code', 'some_param', 'invalid_request_error'],
    [422, 'UnprocessableEntityError', 422, 'some_code', 'some_param', 'invalid_request_error'],
    [429, 'RateLimitError', 429, 'some_code', null, 'rate_limit_error'],
    [401, 'InternalServerError', 502, 'upstream_error', null, 'server_error'],
    [500, 'InternalServerError', 502, 'upstream_error', null, 'server_error'],
    [503, 'InternalServerError', 502, 'upstream_error', null, 'server_error'],
    [408, 'InternalServerError', 504, 'upstream_timeout', null, 'server_error'],
  ] as const)('upstream %i: %s', async (upstreamStatus, name, status, code, param, type) => {
    const { model } = upstream.scene(fails(upstreamStatus, upstreamError));
    const error = await apiErrorOf(create(model));
    expect(error).toBeInstanceOf(sdk[name]);
    expect(error).toMatchObject({ status, code, type });
    if (status !== 429) expect(error.param).toBe(param);
    expect(error.requestID).toMatch(/^req_[0-9a-f]{32}$/u);
    expect(error.message).not.toBe('');
  });

  test('NotFoundError for an unknown route', async () => {
    const error = await apiErrorOf(openai(backend).files.list());
    expect(error).toBeInstanceOf(sdk.NotFoundError);
    expect(error.code).toBe('not_found');
  });

  test('an error when a stream fails before it begins, as for any call', async () => {
    const { model } = upstream.scene(fails(400, upstreamError));
    const call = openai(backend).chat.completions.create({ model, messages, stream: true });
    expect(await apiErrorOf(call)).toBeInstanceOf(sdk.BadRequestError);
  });
});

describe('the official SDK throws NotFoundError', () => {
  const strict = useConfiguredBackend(upstream, { models: { only: [{}] } });

  test('for a model that is not served', async () => {
    const error = await apiErrorOf(
      openai(strict).chat.completions.create({ model: 'other', messages }),
    );
    expect(error).toBeInstanceOf(sdk.NotFoundError);
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(await apiErrorOf(openai(strict).models.retrieve('other'))).toBeInstanceOf(
      sdk.NotFoundError,
    );
  });
});

describe('the official SDK, aborting', () => {
  test('a JSON call ends the upstream call', async () => {
    const scene = upstream.scene(neverAnswers);
    const controller = new AbortController();
    const { signal } = controller;
    const call = openai(backend).chat.completions.create(
      { model: scene.model, messages },
      { signal },
    );
    const failed = expect(call).rejects.toThrow(sdk.APIUserAbortError);
    const upstreamCall = await scene.call();
    const left = performance.now();
    controller.abort();
    await failed;
    await expectAbortWithinASecond(upstreamCall, left);
  });

  test('a stream by leaving its loop ends the upstream call', async () => {
    const scene = upstream.scene(streamsWithoutEnd('x'));
    const stream = await openai(backend).chat.completions.create({
      model: scene.model,
      messages,
      stream: true,
    });
    let left = 0;
    let chunks = 0;
    for await (const part of stream) {
      chunks += part.choices.length;
      if (chunks < 3) continue;
      left = performance.now();
      break;
    }
    await expectAbortWithinASecond(await scene.call(), left);
  });
});

describe('the official SDK, retrying', () => {
  function counting(): { fetch: typeof fetch; count: () => number } {
    let calls = 0;
    return {
      fetch: (input, init) => {
        calls += 1;
        return fetch(input, init);
      },
      count: () => calls,
    };
  }

  test('maxRetries: 0 is one request', async () => {
    const { model } = upstream.scene(fails(500));
    const counter = counting();
    const client = openai(backend, { maxRetries: 0, fetch: counter.fetch });
    await apiErrorOf(client.chat.completions.create({ model, messages }));
    expect(counter.count()).toBe(1);
  });

  test('maxRetries: 2 is three requests for what may pass', async () => {
    const { model } = upstream.scene(fails(500));
    const counter = counting();
    const client = openai(backend, { maxRetries: 2, fetch: counter.fetch });
    await apiErrorOf(client.chat.completions.create({ model, messages }));
    expect(counter.count()).toBe(3);
  });

  test('and one request for what will not', async () => {
    const { model } = upstream.scene(fails(400));
    const counter = counting();
    const client = openai(backend, { maxRetries: 2, fetch: counter.fetch });
    await apiErrorOf(client.chat.completions.create({ model, messages }));
    expect(counter.count()).toBe(1);
  });

  test('after a rate limit it waits as long as the upstream said, and succeeds', async () => {
    const scene = upstream.scene(
      fails(429, errorBody('Slow down.', 'x'), { 'retry-after': '2' }),
      answersPlausibly(),
    );
    const began = performance.now();
    const answer = await openai(backend, { maxRetries: 1 }).chat.completions.create({
      model: scene.model,
      messages,
    });
    expect(answer.choices[0]?.message.content).toBe('Hello from upstream.');
    expect(performance.now() - began).toBeGreaterThan(1_900);
  });
});
