import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ended, submitChat } from './clients/jobs.js';
import { growth } from './clients/metrics.js';
import { cacheableChat, chat, embed, summarize, weatherTool } from './clients/requests.js';
import { openai, zodResponseFormat } from './clients/sdk.js';
import { chunksOf, expectStreamToFail, parseChunk, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { eventually, expectAbortWithinASecond } from './expectations/timing.js';
import { chatCompletion } from './schemas/chat.js';
import { providerKey } from './subject/environment.js';
import { useConfiguredBackend } from './subject/use-backend.js';
import { usage } from './upstream/answers.js';
import {
  answersAsClaude,
  errorEvent,
  failsAsClaude,
  message,
  messageEvents,
  says,
  streamsEvents,
  text,
  weatherUse,
  type Block,
  type MessageParts,
} from './upstream/anthropic.js';
import { gate } from './upstream/gate.js';
import type { Script } from './upstream/scene.js';
import { answers, answersPlausibly, fails, neverAnswers } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useConfiguredBackend(upstream, () => ({
  env: { PROVIDER: 'anthropic', PROVIDER_BASE_URL: upstream.origin },
}));
const path = '/v1/chat/completions';
const inStream = { stream: true };
const withUsage = { stream: true, stream_options: { include_usage: true } };

interface Message {
  role: string;
  content: string | (Record<string, unknown> & { type: string })[];
}

/** What Claude is asked when a client asks this. */
async function whatIsAsked(extra: Record<string, unknown>) {
  const scene = upstream.scene(answersAsClaude);
  const answer = await backend.post(path, chat(scene, extra));
  expect(answer.status, answer.text).toBe(200);
  return scene.calls[0]?.body as Record<string, unknown> & { messages: Message[] };
}

/** The blocks of a message, whichever way it is written. */
function blocksOf(asked: Message | undefined): Record<string, unknown>[] {
  const content = asked?.content ?? [];
  return typeof content === 'string' ? [{ ...text(content) }] : content;
}

describe('what Claude is asked', () => {
  test('is a call of the Messages API, with its headers', async () => {
    const scene = upstream.scene(answersAsClaude);
    await backend.post(path, chat(scene), { authorization: 'Bearer sk-of-the-client' });
    const [call] = scene.calls;
    expect([call?.method, call?.path.split('?')[0]]).toEqual(['POST', '/v1/messages']);
    expect(call?.headers['x-api-key']).toBe(providerKey);
    expect(call?.headers['anthropic-version']).toMatch(/^\d{4}-\d\d-\d\d$/u);
    expect(call?.headers['content-type']).toMatch(/^application\/json\b/u);
    expect(JSON.stringify(call?.headers)).not.toContain('sk-of-the-client');
    expect(call?.body).toMatchObject({ model: scene.model });
    expect(call?.body['stream'] ?? false).toBe(false);
  });

  test('system and developer prompts stand where Claude reads them', async () => {
    const body = await whatIsAsked({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
        { role: 'user', content: 'Say hello.' },
      ],
    });
    expect(JSON.stringify(body['system'])).toMatch(/Be brief\..*Be kind\./u);
    expect(body.messages.map(({ role }) => role)).toEqual(['user']);
    expect(blocksOf(body.messages[0])).toMatchObject([text('Say hello.')]);
  });

  test('without a system prompt there is none', async () => {
    const { system } = await whatIsAsked({});
    expect(system ?? '').toHaveLength(0);
  });

  test('a conversation keeps its order, tools and their results included', async () => {
    const { messages } = await whatIsAsked({
      tools: [weatherTool],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
            },
            {
              id: 'call_2',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city":"Rome"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '2 °C' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: '22 °C' }] },
        { role: 'assistant', content: 'Cold and warm.' },
        { role: 'user', content: 'Thanks.' },
      ],
    });
    const flat = messages.flatMap((each) =>
      blocksOf(each).map((block) => ({ role: each.role, ...block })),
    );
    expect(flat).toMatchObject([
      { role: 'user', type: 'text', text: 'Weather?' },
      { role: 'assistant', type: 'tool_use', id: 'call_1', input: { city: 'Oslo' } },
      { role: 'assistant', type: 'tool_use', id: 'call_2', input: { city: 'Rome' } },
      { role: 'user', type: 'tool_result', tool_use_id: 'call_1' },
      { role: 'user', type: 'tool_result', tool_use_id: 'call_2' },
      { role: 'assistant', type: 'text', text: 'Cold and warm.' },
      { role: 'user', type: 'text', text: 'Thanks.' },
    ]);
    expect(JSON.stringify(flat[3])).toContain('2 °C');
    expect(JSON.stringify(flat[4])).toContain('22 °C');
    // Claude takes the results of parallel calls in one turn only.
    const turns = messages.map(({ role }) => role);
    expect(turns).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
  });

  test('images come as Claude takes them', async () => {
    const { messages } = await whatIsAsked({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
            { type: 'image_url', image_url: { url: 'https://example.com/cat.jpg' } },
          ],
        },
      ],
    });
    expect(blocksOf(messages[0])).toMatchObject([
      text('See'),
      {
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
      },
      { type: 'image', source: { type: 'url', url: 'https://example.com/cat.jpg' } },
    ]);
  });

  test('tools have Claude’s shape', async () => {
    const { tools } = await whatIsAsked({ tools: [weatherTool] });
    const { name, description, parameters } = weatherTool.function;
    expect(tools).toMatchObject([{ name, description, input_schema: parameters }]);
  });

  test.each<[unknown, unknown]>([
    ['auto', { type: 'auto' }],
    ['required', { type: 'any' }],
    ['none', { type: 'none' }],
    [
      { type: 'function', function: { name: 'get_weather' } },
      { type: 'tool', name: 'get_weather' },
    ],
  ])('tool_choice %j', async (choice, expected) => {
    const body = await whatIsAsked({ tools: [weatherTool], tool_choice: choice });
    expect(body['tool_choice']).toMatchObject(expected as object);
  });

  test('parallel_tool_calls: false', async () => {
    const body = await whatIsAsked({ tools: [weatherTool], parallel_tool_calls: false });
    expect(body['tool_choice']).toMatchObject({ disable_parallel_tool_use: true });
  });

  test.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ max_tokens: 50 }, { max_tokens: 50 }],
    [{ max_completion_tokens: 60 }, { max_tokens: 60 }],
    [
      { temperature: 0.3, top_p: 0.9 },
      { temperature: 0.3, top_p: 0.9 },
    ],
    [{ stop: 'END' }, { stop_sequences: ['END'] }],
    [{ stop: ['END', 'STOP'] }, { stop_sequences: ['END', 'STOP'] }],
    [{ user: 'u-1' }, { metadata: { user_id: 'u-1' } }],
    [{ stream: true }, { stream: true }],
    // What OpenAI does not know may be Claude's own.
    [
      { top_k: 5, thinking: { type: 'enabled', budget_tokens: 1024 } },
      { top_k: 5, thinking: { type: 'enabled', budget_tokens: 1024 } },
    ],
  ])('%j', async (extra, expected) => {
    expect(await whatIsAsked(extra)).toMatchObject(expected);
  });

  test('the most tokens that may come are always told, since Claude wants to know', async () => {
    const body = await whatIsAsked({});
    expect(body['max_tokens']).toBeGreaterThan(0);
    expect(Number.isInteger(body['max_tokens'])).toBe(true);
  });

  test('what only OpenAI knows and changes no answer is left out: Claude would refuse it', async () => {
    const body = await whatIsAsked({
      frequency_penalty: 0,
      presence_penalty: 0,
      logprobs: false,
      n: 1,
      seed: 7,
      store: false,
      metadata: { ticket: 'T-1' },
      response_format: { type: 'text' },
      max_completion_tokens: 9,
      parallel_tool_calls: true,
      ...withUsage,
    });
    expect(Object.keys(body).toSorted()).toEqual(['max_tokens', 'messages', 'model', 'stream']);
  });

  test.each([
    ['n', 2],
    ['logprobs', true],
    ['frequency_penalty', 0.5],
    ['presence_penalty', -0.5],
    ['logit_bias', { '50256': -100 }],
  ])('what Claude cannot do is refused and not forgotten: %s', async (field, value) => {
    const scene = upstream.scene(answersAsClaude);
    const answer = await backend.post(path, chat(scene, { [field]: value }));
    expectProblem(answer, { status: 400, code: 'unsupported_parameter', param: field });
    expect(scene.calls.length).toBe(0);
  });
});

describe('what Claude answers', () => {
  async function answered(parts: MessageParts, extra: Record<string, unknown> = {}) {
    const scene = upstream.scene(answers(message(parts)));
    const answer = await backend.post(path, chat(scene, extra));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
    return answer.as(chatCompletion);
  }

  test('is a chat completion like any other', async () => {
    const answer = await answered({});
    expect(answer.choices).toMatchObject([
      {
        index: 0,
        message: { role: 'assistant', content: 'Hello from Claude.' },
        finish_reason: 'stop',
      },
    ]);
    expect(answer.model).toBe('claude-upstream-2026');
    expect(answer.usage).toMatchObject(usage);
    expect(Math.abs(answer.created - Date.now() / 1000)).toBeLessThan(60);
  });

  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['refusal', 'content_filter'],
  ])('stop_reason %s is finish_reason %s', async (stop_reason, finish_reason) => {
    expect((await answered({ stop_reason })).choices[0]?.finish_reason).toBe(finish_reason);
    const scene = upstream.scene(streamsEvents(messageEvents({ stop_reason })));
    const chunks = await chunksOf(await backend.stream(path, chat(scene, inStream)));
    expect(chunks.flatMap(({ choices }) => choices).at(-1)?.finish_reason).toBe(finish_reason);
  });

  test('several texts are one', async () => {
    const answer = await answered({ content: [text('Hello '), text('there.')] });
    expect(answer.choices[0]?.message.content).toBe('Hello there.');
  });

  test('what Claude thought is not what it said', async () => {
    const thought: Block = { type: 'thinking', thinking: 'Hmm.', signature: 'c2ln' };
    const answer = await answered({ content: [thought, text('Hello.')] });
    expect(answer.choices[0]?.message.content).toBe('Hello.');
    const scene = upstream.scene(
      streamsEvents(messageEvents({ content: [thought, text('Hello.')] })),
    );
    const chunks = await chunksOf(await backend.stream(path, chat(scene, inStream)));
    expect(textOf(chunks)).toBe('Hello.');
  });

  test('a tool’s use is a tool call', async () => {
    const answer = await answered({ content: [weatherUse], stop_reason: 'tool_use' });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.content ?? null).toBeNull();
    const [call] = choice?.message.tool_calls ?? [];
    expect(call).toMatchObject({
      id: weatherUse.id,
      type: 'function',
      function: { name: 'get_weather' },
    });
    expect(JSON.parse(call?.function.arguments ?? '')).toEqual(weatherUse.input);
  });

  test('tokens that came from Claude’s cache are tokens of the prompt, too', async () => {
    const counted = {
      input_tokens: 10,
      cache_creation_input_tokens: 20,
      cache_read_input_tokens: 30,
      output_tokens: 5,
    };
    const expected = {
      prompt_tokens: 60,
      completion_tokens: 5,
      total_tokens: 65,
      prompt_tokens_details: { cached_tokens: 30 },
    };
    expect((await answered({ usage: counted })).usage).toMatchObject(expected);
    const scene = upstream.scene(streamsEvents(messageEvents({ usage: counted })));
    const chunks = await chunksOf(await backend.stream(path, chat(scene, withUsage)));
    expect(chunks.at(-1)?.usage).toMatchObject(expected);
  });
});

describe('what Claude streams', () => {
  test('are chunks like any other: role, words, end', async () => {
    const scene = upstream.scene(streamsEvents(messageEvents()));
    const chunks = await chunksOf(await backend.stream(path, chat(scene, inStream)));
    expect(chunks[0]?.choices[0]?.delta['role']).toBe('assistant');
    expect(textOf(chunks)).toBe('Hello from Claude.');
    expect(chunks.filter(({ choices }) => choices[0]?.delta.content).length).toBe(3);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.filter((each) => each.usage)).toEqual([]);
  });

  test('with usage where it is asked for', async () => {
    const scene = upstream.scene(streamsEvents(messageEvents()));
    const chunks = await chunksOf(await backend.stream(path, chat(scene, withUsage)));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
    expect(chunks.slice(0, -1).map((each) => each.usage)).toEqual(chunks.slice(1).map(() => null));
  });

  test('passes each word on while Claude thinks of the next', async () => {
    const events = messageEvents({ content: [text('Hello there')] });
    const second = events.findLastIndex(({ type }) => type === 'content_block_delta');
    const release = gate();
    const scene = upstream.scene(streamsEvents(events, { gates: { [second]: release.opened } }));
    const stream = await backend.stream(path, chat(scene, inStream));
    await eventually('the first word is here', () =>
      stream.frames.some((each) => textOf([parseChunk(each)]) === 'Hello '),
    );
    release.open();
    expect(textOf(await chunksOf(stream))).toBe('Hello there');
  });

  test('tools by the official SDK’s helper, after a text and in parallel', async () => {
    const second = { ...weatherUse, id: 'toolu_upstream_2', input: { city: 'Rome' } };
    const content = [text('Let me see.'), weatherUse, second];
    const scene = upstream.scene(
      streamsEvents(messageEvents({ content, stop_reason: 'tool_use' })),
    );
    const final = await openai(backend)
      .chat.completions.stream({
        model: scene.model,
        messages: [{ role: 'user', content: 'Weather?' }],
        tools: [weatherTool],
      })
      .finalChatCompletion();
    const [choice] = final.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.content).toBe('Let me see.');
    const calls = choice?.message.tool_calls ?? [];
    expect(calls.map(({ id }) => id)).toEqual([weatherUse.id, second.id]);
    const inputs = calls.map((call) => JSON.parse(call.function.arguments) as unknown);
    expect(inputs).toEqual([weatherUse.input, second.input]);
  });
});

describe('when Claude fails', () => {
  test.each([
    [400, 'invalid_request_error'],
    [404, 'not_found_error'],
    [413, 'request_too_large'],
  ])('%i is the client’s own mistake, told in Claude’s words', async (status, type) => {
    const scene = upstream.scene(failsAsClaude(status, type, 'messages: too many'));
    const answer = await backend.post(path, chat(scene));
    const { error } = answer.json as { error: { code: string; type: string } };
    expectProblem(answer, { status, code: error.code, type: error.type });
    expect(answer.text).toContain('messages: too many');
  });

  test('429 is 429, with its Retry-After', async () => {
    const headers = { 'retry-after': '30' };
    const scene = upstream.scene(failsAsClaude(429, 'rate_limit_error', 'Slow down.', headers));
    const answer = await backend.post(path, chat(scene));
    const { error } = answer.json as { error: { code: string } };
    expectProblem(answer, { status: 429, code: error.code, type: 'rate_limit_error' });
    expect(answer.headers['retry-after']).toBe('30');
  });

  test.each([
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [500, 'api_error'],
    [529, 'overloaded_error'],
  ])('%i is 502, and its words stay here', async (status, type) => {
    const scene = upstream.scene(failsAsClaude(status, type, `SECRET about ${providerKey}`));
    const answer = await backend.post(path, chat(scene));
    expectProblem(answer, { status: 502, code: 'upstream_error' });
    expect(answer.text).not.toMatch(new RegExp(`SECRET|${providerKey}`, 'u'));
  });

  test.each<[string, Script]>([
    ['no message', answers('{"type":"surprise"}')],
    ['no JSON', answers('<html>')],
  ])('%s is 502', async (_case, script) => {
    const answer = await backend.post(path, chat(upstream.scene(script)));
    expectProblem(answer, { status: 502, code: 'upstream_error' });
  });

  const whole = messageEvents();
  const begun = whole.slice(0, -3);
  const broken: [string, Script][] = [
    ['breaks', streamsEvents(begun, { ending: 'broken' })],
    ['ends too soon', streamsEvents(begun)],
    ['ends without message_stop', streamsEvents(whole.slice(0, -1))],
    ['ends in an error', streamsEvents([...begun, errorEvent('overloaded_error', 'Overloaded')])],
    ['ends without a reason', streamsEvents(whole.filter(({ type }) => type !== 'message_delta'))],
  ];

  test.each(broken)('a stream that %s reaches the client as an error', async (_case, script) => {
    const stream = await backend.stream(path, chat(upstream.scene(script), inStream));
    await expectStreamToFail(stream);
  });

  test.each<[string, Script]>([
    ['an error', streamsEvents([errorEvent('overloaded_error', 'Overloaded')])],
    ['nothing', streamsEvents([])],
  ])('a stream that begins with %s is an ordinary problem', async (_case, script) => {
    const answer = await backend.post(path, chat(upstream.scene(script), inStream));
    expectProblem(answer, { status: 502, code: 'upstream_error' });
  });

  test('what was truncated is not cached', async () => {
    const scene = upstream.scene(says({ stop_reason: 'max_tokens' }), says());
    await backend.post(path, cacheableChat(scene));
    const second = await backend.post(path, cacheableChat(scene));
    expect(second.headers['cache-status']).toBe('inference; fwd=miss');
    const third = await backend.post(path, cacheableChat(scene));
    expect(third.headers['cache-status']).toBe('inference; hit');
  });
});

describe('a client that goes away ends Claude’s call within a second', () => {
  test.each<[string, Record<string, unknown>, Script]>([
    ['JSON, before the answer', {}, neverAnswers],
    ['a stream, before the answer', inStream, neverAnswers],
    ['a stream, before the first word', inStream, streamsEvents([], { ending: 'never' })],
    [
      'a stream, in the middle',
      inStream,
      streamsEvents(messageEvents().slice(0, 4), { ending: 'never' }),
    ],
  ])('%s', async (_case, extra, script) => {
    const scene = upstream.scene(script);
    const exchange = backend.beginPost(path, chat(scene, extra));
    const call = await scene.call();
    await sleep(300);
    expect(call.abandoned).toBe(false);
    const left = performance.now();
    exchange.leave();
    await expectAbortWithinASecond(call, left);
  });
});

describe('all the rest of the backend works with Claude, too', () => {
  test('jobs, with their usage', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(answersAsClaude)));
    const done = await ended(backend, accepted);
    expect(done).toMatchObject({ status: 'completed', usage });
    expect(chatCompletion.parse(done.result).choices[0]?.message.content).toBe(
      'Hello from Claude.',
    );
  });

  test('the example task, whose output is structured', async () => {
    const scene = upstream.scene(answersAsClaude);
    const answer = await backend.post('/v1/tasks/summarize', summarize(scene));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({ summary: 'example', key_points: ['example'] });
  });

  test.each([false, true])('structured output; streamed: %s', async (stream) => {
    const scene = upstream.scene(answersAsClaude);
    const shape = z.object({ title: z.string(), pages: z.int() });
    const request = {
      model: scene.model,
      messages: [{ role: 'user' as const, content: 'A book, please.' }],
      response_format: zodResponseFormat(shape, 'book'),
    };
    const { completions } = openai(backend).chat;
    const answer = stream
      ? await completions.stream(request).finalChatCompletion()
      : await completions.parse(request);
    expect(answer.choices[0]?.message.parsed).toEqual({ title: 'example', pages: 1 });
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  test('metrics that name it', async () => {
    const calls = ({ name, labels }: { name: string; labels: Readonly<Record<string, string>> }) =>
      /^gen_ai_client_.*duration.*_count$/u.test(name) &&
      labels['gen_ai_provider_name'] === 'anthropic';
    const more = await growth(backend.processes, calls, () =>
      backend.post(path, chat(upstream.scene(answersAsClaude))),
    );
    await eventually('one more call is counted', async () => (await more()) === 1);
  });

  test('embeddings are refused: Claude has none', async () => {
    const scene = upstream.scene(answersPlausibly());
    const answer = await backend.post('/v1/embeddings', embed(scene));
    expect([400, 404, 501], answer.text).toContain(answer.status);
    const { error } = answer.json as { error: { code: string; type: string } };
    expectProblem(answer, { status: answer.status, code: error.code, type: error.type });
    expect(scene.calls.length).toBe(0);
  });
});

describe('Claude in a chain with others', () => {
  const failing = upstream.scene(fails(503));
  const failingClaude = upstream.scene(failsAsClaude(529, 'overloaded_error'));
  const claude = upstream.scene(answersAsClaude);
  const other = upstream.scene(answersPlausibly('Hello from the other one.'));
  const mixed = useConfiguredBackend(upstream, () => ({
    env: { PROVIDER_MAX_RETRIES: '2', CONTRACT_CLAUDE_KEY: 'sk-ant-contract' },
    models: {
      'claude last': [{ model: failing.model }, atClaude(claude.model)],
      'claude first': [atClaude(failingClaude.model), { model: other.model }],
    },
  }));
  const atClaude = (model: string) => ({
    provider: 'anthropic',
    base_url: upstream.origin,
    api_key_env: 'CONTRACT_CLAUDE_KEY',
    model,
  });

  test('answers when an OpenAI-compatible one fails, with its own key', async () => {
    const answer = await mixed.post(path, chat({ model: 'claude last' }));
    expect(answer.as(chatCompletion).choices[0]?.message.content).toBe('Hello from Claude.');
    expect(claude.calls[0]?.headers['x-api-key']).toBe('sk-ant-contract');
    expect(JSON.stringify(claude.calls[0]?.headers)).not.toContain(providerKey);
    expect([failing.calls.length, claude.calls.length]).toEqual([3, 1]);
    const stream = await mixed.stream(path, chat({ model: 'claude last' }, inStream));
    expect(textOf(await chunksOf(stream))).toBe('Hello from Claude.');
  });

  test('gives way to an OpenAI-compatible one, after its retries', async () => {
    const answer = await mixed.post(path, chat({ model: 'claude first' }));
    expect(answer.as(chatCompletion).choices[0]?.message.content).toBe('Hello from the other one.');
    expect([failingClaude.calls.length, other.calls.length]).toEqual([3, 1]);
  });
});
