import {
  base64Of,
  chunk,
  completion,
  embeddingList,
  errorBody,
  textChunks,
  usageChunk,
  vector,
} from './answers.js';
import type { UpstreamCall } from './call.js';
import { exampleOf } from './example-of.js';
import type { Gate } from './gate.js';
import type { Script } from './scene.js';

const streamHeaders = { 'content-type': 'text/event-stream; charset=utf-8' };

/** Answers a body with a status: an object as JSON, a string as it stands. */
export function answers(
  body: unknown,
  options: { status?: number; headers?: Record<string, string>; after?: Promise<unknown> } = {},
): Script {
  return async (call) => {
    if (options.after !== undefined) await call.until(options.after);
    call.head(options.status ?? 200, { 'content-type': 'application/json', ...options.headers });
    call.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Answers an error as OpenAI does. */
export function fails(
  status: number,
  body: unknown = errorBody(`Upstream said ${String(status)}.`, 'upstream_type', 'upstream_code'),
  headers: Record<string, string> = {},
): Script {
  return answers(body, { status, headers });
}

/** Holds a whole answer back until a gate opens. */
export function waitsFor({ opened }: Gate, script: Script = answersPlausibly()): Script {
  return async (call) => {
    await call.until(opened);
    await script(call);
  };
}

/** Takes the request and says nothing, for as long as the backend waits. */
export const neverAnswers: Script = async (call) => {
  await call.abandonment();
};

/** Sends the headers of an answer and then nothing. */
export function stopsAfterHeaders(contentType = 'application/json'): Script {
  return async (call) => {
    call.head(200, { 'content-type': contentType });
    await call.abandonment();
  };
}

/** Sends half of a JSON answer and then nothing. */
export const stopsHalfway: Script = async (call) => {
  call.head(200, { 'content-type': 'application/json' });
  await call.write('{"id":"chatcmpl-half","object":"chat.comp');
  await call.abandonment();
};

/** One server-sent event. */
export function frame(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

export interface StreamOptions {
  /** Milliseconds between two chunks. */
  pause?: number;
  /** Held before the chunk of that index is sent. */
  gates?: Readonly<Record<number, Promise<unknown>>>;
  /** Held before the headers are sent. */
  after?: Promise<unknown>;
  /** How the stream ends: in good order, without `[DONE]`, with a broken connection, or never. */
  ending?: 'done' | 'no done' | 'broken' | 'never';
  /** Whether usage is sent when the request asked for it; as OpenAI does, unless told otherwise. */
  usage?: boolean;
}

/** Streams chunks, with `usage` only when the request asks for it, as OpenAI does. */
export function streams(
  chunks: readonly Record<string, unknown>[],
  options: StreamOptions = {},
): Script {
  return async (call) => {
    if (options.after !== undefined) await call.until(options.after);
    const withUsage = (options.usage ?? true) && wantsUsage(call);
    const frames = chunks.map((each) => frame(withUsage ? { ...each, usage: null } : each));
    if (withUsage) frames.push(frame(usageChunk()));
    call.head(200, streamHeaders);
    for (const [index, text] of frames.entries()) {
      const held = options.gates?.[index];
      if (held !== undefined) await call.until(held);
      await call.write(text);
      if (options.pause !== undefined) await call.wait(options.pause);
    }
    await endStream(call, options.ending ?? 'done');
  };
}

/** Streams a text word by word. */
export function streamsText(words: readonly string[], options: StreamOptions = {}): Script {
  return streams(textChunks(words), options);
}

/** Streams exactly these bytes, piece by piece, and ends the answer. */
export function streamsRaw(pieces: readonly (string | Uint8Array)[]): Script {
  return async (call) => {
    call.head(200, streamHeaders);
    for (const piece of pieces) {
      await call.write(piece);
      await call.wait(1);
    }
    call.end();
  };
}

/** Streams words for ever, as fast as they are taken. */
export function streamsWithoutEnd(word: string, pause = 50): Script {
  return async (call) => {
    call.head(200, streamHeaders);
    await call.write(frame(chunk({ role: 'assistant', content: '' })));
    for (;;) {
      await call.write(frame(chunk({ content: word })));
      await call.wait(pause);
    }
  };
}

/** What a well-behaved provider would answer to whatever was asked: text, stream, structure or embeddings. */
export function answersPlausibly(text = 'Hello from upstream.'): Script {
  return async (call) => {
    const { body } = call;
    if (call.path.endsWith('/embeddings')) {
      await answers(embeddingsFor(body))(call);
      return;
    }
    const schema = schemaAskedFor(body);
    const content = schema === undefined ? text : JSON.stringify(exampleOf(schema));
    const script =
      body['stream'] === true
        ? streamsText(content.split(/(?<= )/u))
        : answers(completion({ content }));
    await script(call);
  };
}

/** The JSON Schema of the structured output that a request asks for, if it does. */
export function schemaAskedFor(body: Record<string, unknown>): unknown {
  const format = body['response_format'] as { json_schema?: { schema?: unknown } } | undefined;
  return format?.json_schema?.schema;
}

function embeddingsFor(body: Record<string, unknown>): Record<string, unknown> {
  const { input } = body;
  const isSingle =
    typeof input === 'string' || (Array.isArray(input) && typeof input[0] === 'number');
  const count = isSingle || !Array.isArray(input) ? 1 : input.length;
  const embedding = body['encoding_format'] === 'base64' ? base64Of(vector) : vector;
  return embeddingList(Array.from({ length: count }, () => embedding));
}

function wantsUsage(call: UpstreamCall): boolean {
  const options = call.body['stream_options'] as { include_usage?: unknown } | undefined;
  return options?.include_usage === true;
}

async function endStream(
  call: UpstreamCall,
  ending: NonNullable<StreamOptions['ending']>,
): Promise<void> {
  switch (ending) {
    case 'done':
      call.end(frame('[DONE]'));
      return;
    case 'no done':
      call.end();
      return;
    case 'broken':
      // What was written shall arrive before the connection breaks.
      await call.wait(50);
      call.destroy();
      return;
    case 'never':
      await call.abandonment();
  }
}
