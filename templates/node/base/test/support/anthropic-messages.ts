import type { RequestListener, ServerResponse } from 'node:http';

// Answers of Anthropic's API, as it sends them: whole, and as events of a stream.

const usage = {
  cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 0 },
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 300,
  inference_geo: 'global',
  input_tokens: 4,
  output_tokens: 55,
  output_tokens_details: { thinking_tokens: 30 },
  server_tool_use: null,
  service_tier: 'standard',
  speed: 'standard',
};

export function message(content: readonly object[], stop: object): object {
  return {
    id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-5-5',
    container: null,
    content,
    diagnostics: null,
    stop_reason: 'end_turn',
    stop_sequence: null,
    stop_details: null,
    ...stop,
    usage,
  };
}

const thinking = { type: 'thinking', thinking: 'Two cities.', signature: 'EqoBCkYIBxgC' };
export const said = { type: 'text', text: 'I will look.', citations: null };
const direct = { type: 'direct' };
const toolUses = [
  {
    type: 'tool_use',
    id: 'toolu_01A',
    name: 'weather',
    input: { city: 'Bern', station: 12345678901234567890n },
    caller: direct,
  },
  { type: 'tool_use', id: 'toolu_01B', name: 'now', input: {}, caller: direct },
];

export const answerWithTools = message([thinking, said, ...toolUses], { stop_reason: 'tool_use' });

function writeBigInts(value: object): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'bigint' ? `#${one}#` : one,
  ).replace(/"#(\d+)#"/g, '$1');
}

export function answering(body: object, status = 200, headers = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(writeBigInts(body));
  };
}

export type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

export function send(response: ServerResponse, events: readonly Event[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const event of events) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}

export const streaming =
  (...events: Event[]): RequestListener =>
  (_request, response) => {
    send(response, events);
    response.end();
  };

export const start: Event = {
  type: 'message_start',
  message: {
    ...message([], { stop_reason: null }),
    usage: { ...usage, output_tokens: 2, output_tokens_details: null },
  },
};
export const block = (index: number, content_block: object, ...deltas: object[]): Event[] => [
  { type: 'content_block_start', index, content_block },
  ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
  { type: 'content_block_stop', index },
];
export const textDelta = (part: string) => ({ type: 'text_delta', text: part });
const json = (partial_json: string) => ({ type: 'input_json_delta', partial_json });
export const ends = (stop_reason: string, stop_details: object | null = null): Event[] => [
  {
    type: 'message_delta',
    delta: { container: null, stop_reason, stop_sequence: null, stop_details },
    usage: {
      cache_creation_input_tokens: null,
      cache_read_input_tokens: 300,
      input_tokens: null,
      output_tokens: 55,
      output_tokens_details: { thinking_tokens: 30 },
      server_tool_use: null,
    },
  },
  { type: 'message_stop' },
];

/** The stream of `answerWithTools`. */
export const streamWithTools = [
  start,
  { type: 'ping' },
  ...block(
    0,
    { ...thinking, thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'Two ' },
    { type: 'thinking_delta', thinking: 'cities.' },
    { type: 'signature_delta', signature: thinking.signature },
  ),
  ...block(1, { ...said, text: '' }, textDelta('I will '), textDelta('look.')),
  ...block(
    2,
    { ...toolUses[0], input: {} },
    json(''),
    json('{"city":"Bern",'),
    json('"station":12345678901234567890}'),
  ),
  ...block(3, { ...toolUses[1], input: {} }, json('')),
  { type: 'a_new_kind_of_event', index: 9 },
  ...ends('tool_use'),
];
