import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/inference/chat-completion.js';
import { toMessagesRequest } from '../../src/providers/anthropic/messages-request.js';

const ask = { role: 'user', content: 'Weather?' };

const translate = (fields: Partial<ChatRequest>) =>
  toMessagesRequest({ model: 'claude', messages: [ask], ...fields });

const call = (id: string, city: string) => ({
  id,
  type: 'function',
  function: { name: 'weather', arguments: JSON.stringify({ city }) },
});

const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
};

describe("a request in Anthropic's form", () => {
  it('has what every request needs', () => {
    expect(translate({})).toEqual({
      model: 'claude',
      max_tokens: 16_384,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Weather?' }] }],
    });
  });

  it('has a conversation with tools by turns', () => {
    const { system, messages } = translate({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: [{ type: 'text', text: 'Say °C.', cache_control: {} }] },
        ask,
        {
          role: 'assistant',
          content: null,
          tool_calls: [call('call_1', 'Bern'), call('call_2', 'Rome')],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '7' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: '19' }] },
        { role: 'user', content: 'Go on.' },
        { role: 'assistant', content: '' },
        { role: 'user', content: 'Well?' },
      ],
    });
    expect(system).toEqual([
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: 'Say °C.', cache_control: {} },
    ]);
    expect(messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bern' } },
          { type: 'tool_use', id: 'call_2', name: 'weather', input: { city: 'Rome' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'text', text: '7' }] },
          { type: 'tool_result', tool_use_id: 'call_2', content: [{ type: 'text', text: '19' }] },
          { type: 'text', text: 'Go on.' },
          { type: 'text', text: 'Well?' },
        ],
      },
    ]);
  });

  it('has images and files', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBOR', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'https://example.com/cat.jpg' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
    ];
    expect(translate({ messages: [{ role: 'user', content }] })).toMatchObject({
      messages: [
        {
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBOR' } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/cat.jpg' } },
            {
              type: 'document',
              title: 'a.pdf',
              source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
            },
          ],
        },
      ],
    });
  });

  it.each([
    ['auto', true, { type: 'auto' }],
    ['none', true, { type: 'none' }],
    ['required', true, { type: 'any' }],
    [{ type: 'function', function: { name: 'weather' } }, true, { type: 'tool', name: 'weather' }],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    ['required', false, { type: 'any', disable_parallel_tool_use: true }],
    [undefined, true, undefined],
  ])('chooses tools by %j, in parallel: %s', (tool_choice, parallel_tool_calls, expected) => {
    const { tools, tool_choice: choice } = translate({
      tools: [weather],
      tool_choice,
      parallel_tool_calls,
    });
    const { name, description, parameters } = weather.function;
    expect(tools).toEqual([{ name, description, input_schema: parameters }]);
    expect(choice).toEqual(expected);
  });

  it.each([
    [{ max_tokens: 5 }, { max_tokens: 5 }],
    [{ max_tokens: 5, max_completion_tokens: 6 }, { max_tokens: 6 }],
    [{ stop: 'END' }, { stop_sequences: ['END'] }],
    [{ stop: ['a', 'b'] }, { stop_sequences: ['a', 'b'] }],
    [
      { temperature: 0, top_p: 0.5 },
      { temperature: 0, top_p: 0.5 },
    ],
    [{ user: 'u-1' }, { metadata: { user_id: 'u-1' } }],
    [{ reasoning_effort: 'minimal' }, { output_config: { effort: 'low' } }],
    [{ reasoning_effort: 'high' }, { output_config: { effort: 'high' } }],
    [
      { thinking: { type: 'adaptive' }, top_k: 3 },
      { thinking: { type: 'adaptive' }, top_k: 3 },
    ],
  ])('says %j', (fields, expected) => {
    expect(translate(fields)).toMatchObject(expected);
  });

  it('leaves out what says nothing, and hints that change no answer', () => {
    const nothing = { temperature: 1.5, top_p: 1, n: 1, logprobs: false, stop: null, tools: [] };
    const hints = { seed: 7, store: true, metadata: { a: 'b' }, service_tier: 'flex' };
    expect(translate({ ...nothing, ...hints })).toEqual(translate({}));
  });

  it('has a schema that Anthropic takes', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 1, description: 'In cm' },
        tags: { type: 'array', minItems: 2, items: { oneOf: [{ type: 'string' }] } },
      },
      required: ['size'],
    };
    const format = { type: 'json_schema', json_schema: { name: 'thing', strict: true, schema } };
    expect(translate({ response_format: format }).output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            size: { type: 'integer', description: 'In cm (minimum: 1)' },
            tags: {
              type: 'array',
              items: { anyOf: [{ type: 'string' }] },
              description: '(minItems: 2)',
            },
          },
          required: ['size'],
          additionalProperties: false,
        },
      },
    });
  });

  it.each([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['frequency_penalty', { frequency_penalty: 0.5 }],
    ['response_format', { response_format: { type: 'json_object' } }],
    ['tool_choice', { tools: [weather], tool_choice: { type: 'allowed_tools' } }],
    ['messages.0.role', { messages: [{ role: 'function', content: 'x' }] }],
    [
      'messages.0.content.0.type',
      { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] },
    ],
    [
      'messages.0.tool_calls.0.function.arguments',
      {
        messages: [
          { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{' } }] },
        ],
      },
    ],
  ])('is refused by the name of the field: %s', (param, fields) => {
    expect(() => translate(fields)).toThrow(
      expect.objectContaining({ status: 400, body: expect.objectContaining({ param }) as unknown }),
    );
  });
});
