import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { chat, embed, weatherTool } from './clients/requests.js';
import { apiErrorOf, openai, sdk, zodResponseFormat } from './clients/sdk.js';
import { chunksOf, textOf } from './expectations/chat-stream.js';
import { useConfiguredBackend } from './subject/use-backend.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();

describe('PROVIDER=mock', () => {
  const backend = useConfiguredBackend(upstream, {
    env: {
      PROVIDER: 'mock',
      PROVIDER_BASE_URL: undefined,
      PROVIDER_API_KEY: undefined,
      MODELS_FILE: undefined,
      PROVIDER_FIRST_BYTE_TIMEOUT_MS: '800',
    },
  });
  const messages = [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: 'What is up?' },
  ];

  test('echoes the last message of the user', async () => {
    const answer = await openai(backend).chat.completions.create({ model: 'mock', messages });
    expect(answer.choices[0]?.message.content).toBe('Echo: What is up?');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    const {
      prompt_tokens: asked = 0,
      completion_tokens: said = 0,
      total_tokens,
    } = answer.usage ?? {};
    expect(asked).toBeGreaterThan(0);
    expect(said).toBeGreaterThan(0);
    expect(total_tokens).toBe(asked + said);
  });

  test('serves any model’s name, so that a project runs as it was generated', async () => {
    for (const model of ['default', 'gpt-anything']) {
      const answer = await openai(backend).chat.completions.create({ model, messages });
      expect(answer.choices[0]?.message.content).toBe('Echo: What is up?');
    }
  });

  test('streams the same text, in several chunks, with the same usage', async () => {
    const whole = await openai(backend).chat.completions.create({ model: 'mock', messages });
    const stream = await openai(backend).chat.completions.create({
      model: 'mock',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const parts: string[] = [];
    let usage: unknown;
    for await (const part of stream) {
      const content = part.choices[0]?.delta.content ?? '';
      if (content !== '') parts.push(content);
      usage = part.usage ?? usage;
    }
    expect(parts.join('')).toBe('Echo: What is up?');
    expect(parts.length).toBeGreaterThan(1);
    expect(usage).toEqual(whole.usage);
  });

  test('reads text that comes in parts', async () => {
    const parts = [
      { type: 'text' as const, text: 'See' },
      { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } },
    ];
    const answer = await openai(backend).chat.completions.create({
      model: 'mock',
      messages: [{ role: 'user', content: parts }],
    });
    expect(answer.choices[0]?.message.content).toBe('Echo: See');
  });

  test.each([false, true])(
    'calls a tool with arguments that fit its schema; streamed: %s',
    async (stream) => {
      const completions = openai(backend).chat.completions;
      const request = { model: 'mock', messages, tools: [weatherTool] };
      const final = stream
        ? await completions.stream(request).finalChatCompletion()
        : await completions.create(request);
      const [choice] = final.choices;
      expect(choice?.finish_reason).toBe('tool_calls');
      const [call] = choice?.message.tool_calls ?? [];
      if (call?.type !== 'function') throw new Error('The mock was to call a function.');
      expect(call.function.name).toBe('get_weather');
      expect(JSON.parse(call.function.arguments)).toEqual({ city: expect.any(String) as string });
      const answered = await completions.create({
        ...request,
        messages: [
          ...messages,
          { role: 'assistant', tool_calls: [call] },
          { role: 'tool', tool_call_id: call.id, content: '12 °C' },
        ],
      });
      expect(
        answered.choices[0]?.finish_reason,
        'a tool’s answer is not answered by the tool',
      ).toBe('stop');
    },
  );

  test('calls the tool that was chosen, and none when none may be called', async () => {
    const other = { ...weatherTool, function: { ...weatherTool.function, name: 'get_time' } };
    const request = { model: 'mock', messages, tools: [weatherTool, other] };
    const completions = openai(backend).chat.completions;
    const chosen = await completions.create({
      ...request,
      tool_choice: { type: 'function', function: { name: 'get_time' } },
    });
    expect(chosen.choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: 'get_time' } },
    ]);
    const none = await completions.create({ ...request, tool_choice: 'none' });
    expect(none.choices[0]?.message.tool_calls).toBeUndefined();
    expect(none.choices[0]?.message.content).toBe('Echo: What is up?');
  });

  test('answers structured output that fits its schema', async () => {
    const shape = z.object({
      title: z.string(),
      tags: z.array(z.enum(['a', 'b'])),
      count: z.int(),
      ratio: z.number(),
      isTrue: z.boolean(),
      maybe: z.string().nullable(),
      nested: z.object({ choice: z.union([z.literal('x'), z.number()]) }),
    });
    const completion = await openai(backend).chat.completions.parse({
      model: 'mock',
      messages,
      response_format: zodResponseFormat(shape, 'shape'),
    });
    expect(shape.safeParse(completion.choices[0]?.message.parsed).success).toBe(true);
  });

  test('runs the worked example', async () => {
    const answer = await backend.post('/v1/tasks/summarize', { text: 'A text.' });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({ summary: expect.any(String) as string });
  });

  test('gives embeddings of unit length: the same for the same text, others for others', async () => {
    const input = ['one text', 'another text', 'one text'];
    const { data } = await openai(backend).embeddings.create({ model: 'mock', input });
    const [one, other, again] = data.map(({ embedding }) => embedding);
    expect(one).toHaveLength(1536);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect(Math.hypot(...(one ?? []))).toBeCloseTo(1, 3);
    const few = await openai(backend).embeddings.create({ model: 'mock', input, dimensions: 8 });
    expect(few.data[0]?.embedding).toHaveLength(8);
  });

  test('gives the same embeddings in both encodings', async () => {
    const request = { model: 'mock', input: 'a text', dimensions: 64 };
    const decoded = await openai(backend).embeddings.create(request);
    const floats = await backend.post(
      '/v1/embeddings',
      embed({ model: 'mock' }, { ...request, encoding_format: 'float' }),
    );
    const { data } = floats.json as { data: { embedding: number[] }[] };
    expect(data[0]?.embedding.map(Math.fround)).toEqual(decoded.data[0]?.embedding);
  });

  test('answers the same to the same: nothing about it is left to chance', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => backend.post('/v1/chat/completions', chat({ model: 'mock' }))),
    );
    const without = (text = '') => text.replace(/"(?:id|created)":(?:"[^"]*"|\d+)/gu, '');
    expect(without(one?.text)).toBe(without(other?.text));
  });

  describe('faults, by the model’s name', () => {
    const create = (model: string) => openai(backend).chat.completions.create({ model, messages });
    const stream = (model: string) =>
      openai(backend).chat.completions.create({ model, messages, stream: true });

    test('mock-429', async () => {
      for (const call of [create, stream]) {
        const error = await apiErrorOf(call('mock-429'));
        expect(error).toBeInstanceOf(sdk.RateLimitError);
        expect(error.code).toBe('rate_limit_exceeded');
        expect(error.headers?.get('retry-after')).toMatch(/^\d+$/u);
      }
    });

    test('mock-500', async () => {
      for (const call of [create, stream]) {
        const error = await apiErrorOf(call('mock-500'));
        expect(error).toBeInstanceOf(sdk.InternalServerError);
        expect([error.status, error.code]).toEqual([502, 'upstream_error']);
      }
    });

    test('mock-timeout', async () => {
      for (const call of [create, stream]) {
        const error = await apiErrorOf(call('mock-timeout'));
        expect([error.status, error.code]).toEqual([504, 'upstream_timeout']);
      }
    });

    test('mock-slow: a chunk every 200 ms', async () => {
      const request = chat({ model: 'mock-slow' }, { stream: true });
      const events = await backend.stream('/v1/chat/completions', request);
      expect(textOf(await chunksOf(events))).toBe('Echo: Say hello.');
      const times = events.frames
        .filter(({ data }) => /"content":"[^"]/u.test(data))
        .map(({ at }) => at);
      expect(times.length).toBeGreaterThan(1);
      const average = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1);
      expect(average).toBeGreaterThan(150);
    });

    test('mock-cut: ends after three chunks', async () => {
      let chunks = 0;
      const read = async () => {
        for await (const part of await stream('mock-cut')) if (part.choices.length > 0) chunks += 1;
      };
      await expect(read()).rejects.toThrow(sdk.APIError);
      expect(chunks).toBe(3);
    });

    test('take no other model down with them, however often they are asked for', async () => {
      const statuses = [];
      for (let count = 0; count < 10; count += 1) {
        const { status } = await backend.post('/v1/chat/completions', chat({ model: 'mock-500' }));
        statuses.push(status);
      }
      expect(statuses, 'its own circuit has opened').toContain(503);
      for (const model of ['mock', 'mock-slow', 'default', 'any-other']) {
        const answer = await backend.post('/v1/chat/completions', chat({ model }));
        expect(answer.status, answer.text).toBe(200);
      }
    });

    test('embeddings fail by the same names', async () => {
      const request = { model: 'mock-429', input: 'a' };
      expect(await apiErrorOf(openai(backend).embeddings.create(request))).toBeInstanceOf(
        sdk.RateLimitError,
      );
    });
  });
});
