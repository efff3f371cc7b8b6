import { describe, expect, test } from 'vitest';
import { chat, weatherTool } from './clients/requests.js';
import { chunksOf, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { chatCompletion } from './schemas/chat.js';
import { providerKey } from './subject/environment.js';
import { startsBackends, useBackend } from './subject/use-backend.js';
import {
  chunk,
  completion,
  textChunks,
  toolCallChunks,
  toolCalls,
  usage,
} from './upstream/answers.js';
import { answers, frame, streams, streamsRaw, streamsText } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const path = '/v1/chat/completions';

// Unknown fields, numbers that a double cannot hold, escapes and white space: all of it belongs to the client.
const peculiarAnswer = `{ "id":"chatcmpl-1",\n  "vendor" : {"trace":12345678901234567890, "ratio":1.0, "null":null},
  "object":"chat.completion","created":1700000000,"model":"peculiar\\u002d1","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"cost":1e-7},
  "choices":[ {"index":0,"message":{"role":"assistant","content":"Gr\\u00fc\\u00dfe \u{1F600}","reasoning":"because"},"finish_reason":"stop"} ] }`;

describe('POST /v1/chat/completions answers JSON', () => {
  test('the body is the upstream’s, byte for byte', async () => {
    const scene = upstream.scene(answers(peculiarAnswer));
    const answer = await backend.post(path, chat(scene));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
    expect(answer.text).toBe(peculiarAnswer);
  });

  test('one request is one upstream call, to the same path below the base URL', async () => {
    const scene = upstream.scene(answers(completion()));
    await backend.post(path, chat(scene));
    expect(scene.calls.map((call) => `${call.method} ${call.path}`)).toEqual([`POST ${path}`]);
    expect(scene.calls[0]?.headers['content-type']).toMatch(/^application\/json\b/u);
  });

  test('the upstream’s own name for the model stands in the answer', async () => {
    const scene = upstream.scene(answers(completion()));
    const answer = await backend.post(path, chat(scene));
    expect(answer.as(chatCompletion).model).toBe('upstream-model-2026');
  });

  test('the client’s credentials stay here; the upstream gets the backend’s key', async () => {
    const scene = upstream.scene(answers(completion()));
    await backend.post(path, chat(scene), { authorization: 'Bearer sk-of-the-client' });
    const authorization = scene.calls[0]?.headers.authorization;
    expect(authorization).not.toContain('sk-of-the-client');
    if (startsBackends) expect(authorization).toBe(`Bearer ${providerKey}`);
  });

  test('every field of the request reaches the upstream, known or not', async () => {
    const scene = upstream.scene(answers(completion()));
    const request = chat(scene, {
      messages: [
        {
          role: 'system',
          content: 'Be brief.',
          name: 'boss',
          cache_control: { type: 'ephemeral' },
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this? \u{1F600}' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
            { type: 'video_of_tomorrow', video: { frames: [1, 2.5, null] } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: toolCalls },
        { role: 'tool', tool_call_id: 'call_upstream_1', content: '12 °C' },
      ],
      temperature: 0.7,
      top_p: 0.9,
      max_completion_tokens: 50,
      stop: ['END'],
      seed: 7,
      n: 1,
      logit_bias: { '50256': -100 },
      metadata: { team: 'blue' },
      vendor_option: { nested: [true, null, 'ü', {}, []], small: 1e-7, empty: '' },
    });
    const answer = await backend.post(path, request);
    expect(answer.status, answer.text).toBe(200);
    expect(scene.calls[0]?.body).toEqual(request);
  });

  test('numbers of the request are not rounded on their way', async () => {
    const scene = upstream.scene(answers(completion()));
    const body = JSON.stringify(chat(scene)).replace(
      /\}$/u,
      ',"seed":9007199254740993,"vendor_id":12345678901234567890}',
    );
    await backend.post(path, body);
    expect(scene.calls[0]?.rawBody).toContain('9007199254740993');
    expect(scene.calls[0]?.rawBody).toContain('12345678901234567890');
  });

  test('tool calls pass in both directions', async () => {
    const scene = upstream.scene(
      answers(completion({ content: null, tool_calls: toolCalls, finish_reason: 'tool_calls' })),
    );
    const request = chat(scene, { tools: [weatherTool], tool_choice: 'required' });
    const answer = (await backend.post(path, request)).as(chatCompletion);
    expect(answer.choices[0]?.message.tool_calls).toEqual(toolCalls);
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
    expect(scene.calls[0]?.body['tools']).toEqual([weatherTool]);
  });

  test('a structured output’s schema reaches the upstream as it was written', async () => {
    const responseFormat = {
      type: 'json_schema',
      json_schema: {
        name: 'answer',
        strict: true,
        schema: {
          type: 'object',
          properties: { n: { $ref: '#/$defs/n' } },
          required: ['n'],
          additionalProperties: false,
          $defs: { n: { type: 'integer' } },
        },
      },
    };
    const scene = upstream.scene(answers(completion({ content: '{"n":1}' })));
    const answer = await backend.post(path, chat(scene, { response_format: responseFormat }));
    expect(answer.as(chatCompletion).choices[0]?.message.content).toBe('{"n":1}');
    expect(scene.calls[0]?.body['response_format']).toEqual(responseFormat);
  });

  test.each(['length', 'content_filter'])(
    'finish_reason %s is reported as it is',
    async (reason) => {
      const scene = upstream.scene(answers(completion({ finish_reason: reason })));
      const answer = await backend.post(path, chat(scene));
      expect(answer.as(chatCompletion).choices[0]?.finish_reason).toBe(reason);
    },
  );

  test('stream: false is the same as no stream', async () => {
    const scene = upstream.scene(answers(completion()));
    const answer = await backend.post(path, chat(scene, { stream: false }));
    expect(answer.as(chatCompletion).object).toBe('chat.completion');
  });
});

describe('POST /v1/chat/completions checks the request before any call', () => {
  test.each([
    ['no model', { messages: [{ role: 'user', content: 'Hi' }] }, 'model'],
    [
      'a model that is no string',
      { model: 7, messages: [{ role: 'user', content: 'Hi' }] },
      'model',
    ],
    ['no messages', { model: 'm' }, 'messages'],
    ['no message at all', { model: 'm', messages: [] }, 'messages'],
    ['messages that are no list', { model: 'm', messages: 'Hi' }, 'messages'],
    ['a message without a role', { model: 'm', messages: [{ content: 'Hi' }] }, 'messages.0.role'],
    [
      'a second message without a role',
      { model: 'm', messages: [{ role: 'user', content: 'Hi' }, { content: 'Hi' }] },
      'messages.1.role',
    ],
    [
      'a temperature that is no number',
      { model: 'm', messages: [{ role: 'user', content: 'Hi' }], temperature: 'hot' },
      'temperature',
    ],
    [
      'stream that is no boolean',
      { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: 'yes' },
      'stream',
    ],
  ])('%s is 400 and param names the field', async (_case, request, param) => {
    const before = upstream.calls.length;
    const answer = await backend.post(path, request);
    expectProblem(answer, { status: 400, code: 'invalid_request', param });
    expect(upstream.calls.length).toBe(before);
  });

  test.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['a string', '"hello"'],
    ['a number', '1'],
  ])('a body that is %s is 400 with no param', async (_case, body) => {
    const answer = await backend.post(path, body);
    expectProblem(answer, { status: 400, code: 'invalid_request', param: null });
  });
});

describe('POST /v1/chat/completions with stream: true', () => {
  const words = ['Hello', ' from', ' upstream', '.'];

  test('gives the upstream’s chunks in order, and then [DONE]', async () => {
    const scene = upstream.scene(streamsText(words));
    const stream = await backend.stream(path, chat(scene, { stream: true }));
    const chunks = await chunksOf(stream);
    expect(textOf(chunks)).toBe(words.join(''));
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  test('chunks keep every field, known or not', async () => {
    const sent = [
      { ...chunk({ role: 'assistant', content: '' }), service_tier: 'flex', vendor: [1, null] },
      chunk({ content: 'Hi', reasoning_content: 'hm' }),
      chunk({}, 'stop'),
    ];
    const scene = upstream.scene(streams(sent, { usage: false }));
    const stream = await backend.stream(path, chat(scene, { stream: true }));
    const frames = (await stream.all()).slice(0, -1);
    const received = frames.map(({ data }) => JSON.parse(data) as Record<string, unknown>);
    // A backend may say `usage: null`; it may not lose or change what the upstream said.
    received.forEach((each) => {
      if (each['usage'] === null) delete each['usage'];
    });
    expect(received).toEqual(sent);
  });

  test('numbers in chunks are not rounded on their way', async () => {
    const first = JSON.stringify(chunk({ role: 'assistant', content: 'Hi' })).replace(
      /\}$/u,
      ',"vendor_id":12345678901234567890}',
    );
    const scene = upstream.scene(
      streamsRaw([frame(first), frame(chunk({}, 'stop')), frame('[DONE]')]),
    );
    const stream = await backend.stream(path, chat(scene, { stream: true }));
    const [received] = await stream.all();
    expect(received?.data).toContain('12345678901234567890');
  });

  test('a first chunk without choices, as some providers send it, is passed on', async () => {
    const { choices: _none, ...base } = chunk({});
    const filter = { ...base, choices: [], prompt_filter_results: [{ prompt_index: 0 }] };
    const scene = upstream.scene(streams([filter, ...textChunks(['Hi'])]));
    const stream = await backend.stream(path, chat(scene, { stream: true }));
    const [first] = await chunksOf(stream);
    expect(first?.['prompt_filter_results']).toEqual([{ prompt_index: 0 }]);
  });

  test('tool calls come in the upstream’s pieces', async () => {
    const scene = upstream.scene(streams(toolCallChunks()));
    const request = chat(scene, { stream: true, tools: [weatherTool] });
    const chunks = await chunksOf(await backend.stream(path, request));
    const pieces = chunks.map(({ choices }) => choices[0]?.delta['tool_calls']).filter(Boolean);
    const sent = toolCallChunks()
      .map(
        (each) => (each['choices'] as { delta: Record<string, unknown> }[])[0]?.delta['tool_calls'],
      )
      .filter(Boolean);
    expect(pieces).toEqual(sent);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('two choices stay two choices', async () => {
    const second = (text: string, reason: string | null = null) => ({
      ...chunk({}),
      choices: [{ index: 1, delta: { content: text }, finish_reason: reason }],
    });
    const scene = upstream.scene(
      streams([
        ...textChunks(['A']).slice(0, -1),
        second('B'),
        chunk({}, 'stop'),
        second('', 'stop'),
      ]),
    );
    const request = chat(scene, { stream: true, n: 2 });
    const chunks = await chunksOf(await backend.stream(path, request));
    const text = (index: number) =>
      chunks
        .flatMap(({ choices }) => choices)
        .filter((choice) => choice.index === index)
        .map((choice) => choice.delta.content ?? '')
        .join('');
    expect([text(0), text(1)]).toEqual(['A', 'B']);
  });

  test('frames are read as server-sent events, however the upstream cuts and writes them', async () => {
    const [role, word, end] = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Grüße \u{1F600}' }),
      chunk({}, 'stop'),
    ].map((each) => JSON.stringify(each));
    const bytes = Buffer.from(
      `: welcome\n\ndata:${String(role)}\r\n\r\nevent: message\nid: 1\ndata: ${String(word)}\n\n\ndata: ${String(end)}\n\ndata: [DONE]\n\n`,
    );
    const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    // A field `data` may go on over several lines: they are one text.
    const several = bytes.toString().replace('"choices"', '\ndata: "choices"');
    // All in one piece, and byte by byte: neither frames nor characters may depend on it.
    for (const pieces of [[bytes], single, [several]]) {
      const scene = upstream.scene(streamsRaw(pieces));
      const stream = await backend.stream(path, chat(scene, { stream: true }));
      expect(textOf(await chunksOf(stream))).toBe('Grüße \u{1F600}');
    }
  });
});

describe('usage in streams', () => {
  const asked = { stream: true, stream_options: { include_usage: true } };

  test('without include_usage the client sees no usage', async () => {
    for (const options of [{}, { stream_options: { include_usage: false } }]) {
      const scene = upstream.scene(streamsText(['Hi']));
      const request = chat(scene, { stream: true, ...options });
      const chunks = await chunksOf(await backend.stream(path, request));
      expect(chunks.map((each) => each.usage ?? null)).toEqual(chunks.map(() => null));
      expect(chunks.filter(({ choices }) => choices.length === 0)).toEqual([]);
    }
  });

  test('the upstream is asked for usage all the same, so that it can be counted', async () => {
    const scene = upstream.scene(streamsText(['Hi']));
    const streamOptions = { include_obfuscation: false };
    const request = chat(scene, { stream: true, stream_options: streamOptions });
    await chunksOf(await backend.stream(path, request));
    expect(scene.calls[0]?.body['stream_options']).toEqual({
      ...streamOptions,
      include_usage: true,
    });
  });

  test('with include_usage: usage null on each chunk, then one chunk with no choices and the usage', async () => {
    const scene = upstream.scene(streamsText(['Hi', ' there']));
    const chunks = await chunksOf(await backend.stream(path, chat(scene, asked)));
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage).toEqual(usage);
    expect(chunks.slice(0, -1).map((each) => each.usage)).toEqual(
      chunks.slice(0, -1).map(() => null),
    );
  });

  test.each([
    [
      'upon the chunk that finishes',
      [...textChunks(['Hi']).slice(0, -1), { ...chunk({}, 'stop'), usage }],
    ],
    ['upon every chunk', textChunks(['Hi']).map((each) => ({ ...each, usage }))],
  ])('an upstream that reports usage %s comes out the same', async (_case, sent) => {
    const scene = upstream.scene(streams(sent, { usage: false }));
    const chunks = await chunksOf(await backend.stream(path, chat(scene, asked)));
    expect(textOf(chunks)).toBe('Hi');
    expect(chunks.flatMap(({ choices }) => choices).at(-1)?.finish_reason).toBe('stop');
    expect(chunks.map((each) => each.usage)).toEqual([
      ...chunks.slice(0, -1).map(() => null),
      usage,
    ]);
    expect(chunks.at(-1)?.choices).toEqual([]);
  });

  test('an upstream that reports usage unasked does not show it to a client that did not ask', async () => {
    const sent = [...textChunks(['Hi']).slice(0, -1), { ...chunk({}, 'stop'), usage }];
    const scene = upstream.scene(streams(sent, { usage: false }));
    const chunks = await chunksOf(await backend.stream(path, chat(scene, { stream: true })));
    expect(chunks.map((each) => each.usage ?? null)).toEqual(chunks.map(() => null));
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });
});
