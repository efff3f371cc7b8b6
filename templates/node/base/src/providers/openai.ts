import { createParser } from 'eventsource-parser';
import { Agent, errors, type Dispatcher } from 'undici';
import type { Config } from '../config.js';
import type { ChatChunk } from '../inference/chat-chunks.js';
import type { ChatCompletion } from '../inference/chat-completion.js';
import type { EmbeddingList } from '../inference/embedding.js';
import { parseJson, toJson } from '../json.js';
import type { ModelTarget } from '../models/model-catalog.js';
import { CallTimers } from './call-timers.js';
import type { Json, Provider, ProviderCall } from './provider.js';
import {
  UpstreamError,
  upstreamFailure,
  upstreamFault,
  upstreamTimeout,
  upstreamUnreachable,
  type UpstreamProblem,
} from './upstream-error.js';

type OpenAIConfig = Pick<
  Config,
  'PROVIDER_CONNECT_TIMEOUT_MS' | 'PROVIDER_FIRST_BYTE_TIMEOUT_MS' | 'PROVIDER_TIMEOUT_MS'
>;

type StreamBody = Dispatcher.ResponseData['body'];

const AFTER_LAST_EVENT_MS = 1_000;
const AFTER_LAST_EVENT_BYTES = 16_384;

/**
 * Any server that speaks OpenAI's API. It is called by undici's `request`, which costs a fifth of the CPU of `fetch`.
 *
 * @param readKey gives the key that a target names; a target without one is called without
 */
export function createOpenAIProvider(
  config: OpenAIConfig,
  readKey: (environmentVariable: string) => string | undefined,
): Provider {
  const agent = new Agent({
    connect: { timeout: config.PROVIDER_CONNECT_TIMEOUT_MS },
    // The call's own timers rule: undici's would end a long thought between two chunks.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const timeouts = {
    firstByte: config.PROVIDER_FIRST_BYTE_TIMEOUT_MS,
    total: config.PROVIDER_TIMEOUT_MS,
  };

  async function post(path: string, body: object, target: ModelTarget, timers: CallTimers) {
    const key = target.apiKeyEnv === null ? undefined : readKey(target.apiKeyEnv);
    const response = await agent.request({
      ...endpoint(target.baseUrl, path),
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: toJson(body),
      signal: timers.signal,
    });
    if (response.statusCode >= 400) throw await failureOf(response);
    return response.body;
  }

  async function postForJson<Body>(
    path: string,
    request: object,
    { target, signal, startedAt }: ProviderCall,
    isBody: (value: unknown) => value is Body,
  ): Promise<Json<Body>> {
    const timers = new CallTimers(signal, timeouts, startedAt);
    try {
      const body = await post(path, request, target, timers);
      const bytes: Buffer[] = [];
      for await (const part of body as AsyncIterable<Buffer>) {
        timers.firstByteArrived();
        bytes.push(part);
      }
      return parse(Buffer.concat(bytes).toString('utf8'), isBody);
    } catch (error) {
      throw toUpstreamError(error, signal, timers.hasBegun);
    } finally {
      timers.stop();
    }
  }

  return {
    chat: (request, call) => postForJson('/chat/completions', request, call, isCompletion),
    embed: (request, call) => postForJson('/embeddings', request, call, isEmbeddingList),

    async *chatStream(request, { target, signal, startedAt }) {
      const timers = new CallTimers(signal, timeouts, startedAt);
      try {
        const body = await post('/chat/completions', request, target, timers);
        yield* readChunks(body, () => {
          timers.firstByteArrived();
        });
      } catch (error) {
        throw toUpstreamError(error, signal, timers.hasBegun);
      } finally {
        timers.stop();
      }
    },

    close: () => agent.close(),
  };
}

/** The base may have a query of its own, as Azure's has (`?api-version=…`). */
function endpoint(baseUrl: string, path: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(baseUrl);
  return { origin, path: pathname.replace(/\/+$/, '') + path + search };
}

/** Yields chunks up to `[DONE]`. Leaving early destroys the connection, and with it the provider's work. */
async function* readChunks(
  body: StreamBody,
  onFirstByte: () => void,
): AsyncGenerator<Json<ChatChunk>, void> {
  const ends = new ChoiceEnds();
  let isWhole = false;
  try {
    for await (const data of readEvents(body, onFirstByte)) {
      isWhole = data === '[DONE]' && ends.areAllThere;
      if (data === '[DONE]') break;
      const chunk = parse(data, isChunk);
      ends.note(chunk.value);
      yield chunk;
    }
    if (!isWhole) throw cutStream();
  } finally {
    if (isWhole) reuseConnection(body);
    else abandon(body);
  }
}

async function* readEvents(body: StreamBody, onFirstByte: () => void): AsyncGenerator<string> {
  const received: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => received.push(data) });
  const decoder = new TextDecoder();
  for await (const bytes of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    onFirstByte();
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* received.splice(0);
  }
}

/** Reads the little that comes after the last event: only then can the next call use the connection. */
function reuseConnection(body: StreamBody): void {
  const signal = AbortSignal.timeout(AFTER_LAST_EVENT_MS);
  body.dump({ limit: AFTER_LAST_EVENT_BYTES, signal }).catch(() => undefined);
}

/** An abandoned body says so as an error, which nobody waits for any more. */
function abandon(body: StreamBody): void {
  body.on('error', () => undefined);
  body.destroy();
}

/** Knows whether every choice of a stream has come to its end. */
class ChoiceEnds {
  readonly #begun = new Set<number>();
  readonly #ended = new Set<number>();

  note({ choices }: ChatChunk): void {
    for (const { index, finish_reason: reason } of choices) {
      this.#begun.add(index);
      if (reason != null) this.#ended.add(index);
    }
  }

  get areAllThere(): boolean {
    return this.#ended.size > 0 && this.#ended.size === this.#begun.size;
  }
}

function cutStream(): UpstreamError {
  return upstreamFault('The model provider ended its stream before the answer was complete.');
}

function parse<Body>(text: string, isBody: (value: unknown) => value is Body): Json<Body> {
  const value = parseAnswer(text);
  if (isBody(value)) return { text, value };
  throw upstreamFault('The model provider sent an answer that is none.');
}

function parseAnswer(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw upstreamFault('The model provider sent an answer that is not JSON.', error);
  }
}

// A provider's answers are checked by hand, for what this service reads of them: a schema would cost more than all
// the rest of a call.

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCompletion(value: unknown): value is ChatCompletion {
  if (!isRecord(value) || !Array.isArray(value.choices)) return false;
  return value.choices.every((choice) => isRecord(choice) && isRecord(choice.message));
}

function isEmbeddingList(value: unknown): value is EmbeddingList {
  if (!isRecord(value) || !Array.isArray(value.data)) return false;
  return value.data.every((item) => isRecord(item) && isEmbedding(item.embedding));
}

function isEmbedding(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value);
}

function isChunk(value: unknown): value is ChatChunk {
  return isRecord(value) && Array.isArray(value.choices) && value.choices.every(isRecord);
}

async function failureOf({ statusCode, headers, body }: Dispatcher.ResponseData) {
  const retryAfter = headers['retry-after'];
  return upstreamFailure(
    statusCode,
    readProblem(await body.text()),
    typeof retryAfter === 'string' ? retryAfter : undefined,
  );
}

/** Reads what it can of a failed answer; a proxy in between may have sent HTML. */
function readProblem(text: string): UpstreamProblem {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (!isRecord(error)) return {};
    const field = (name: string) => (typeof error[name] === 'string' ? error[name] : null);
    return {
      message: field('message'),
      type: field('type'),
      param: field('param'),
      code: field('code'),
    };
  } catch {
    return {};
  }
}

/** An abort by the caller stays what it is; everything else has failed upstream. */
function toUpstreamError(error: unknown, signal: AbortSignal, hasBegun: boolean): unknown {
  if (error instanceof UpstreamError || signal.aborted) return error;
  if (error instanceof errors.ConnectTimeoutError) {
    return upstreamTimeout('The model provider could not be reached in time.');
  }
  if (hasBegun) return upstreamFault('The model provider broke off its answer.', error);
  return upstreamUnreachable('The model provider could not be reached.', error);
}
