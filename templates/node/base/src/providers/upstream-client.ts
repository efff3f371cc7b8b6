import { createParser } from 'eventsource-parser';
import { Agent, errors, type Dispatcher } from 'undici';
import type { Config } from '../config.js';
import { parseJson, toJson } from '../json.js';
import type { ModelTarget } from '../models/model-catalog.js';
import { CallTimers } from './call-timers.js';
import type { Json, ProviderCall } from './provider.js';
import {
  UpstreamError,
  upstreamFailure,
  upstreamFault,
  upstreamTimeout,
  upstreamUnreachable,
  type UpstreamProblem,
} from './upstream-error.js';

export type UpstreamClientConfig = Pick<
  Config,
  'PROVIDER_CONNECT_TIMEOUT_MS' | 'PROVIDER_FIRST_BYTE_TIMEOUT_MS' | 'PROVIDER_TIMEOUT_MS'
>;

/** What is posted to a provider's server, as JSON. */
export interface UpstreamRequest {
  readonly origin: string;
  readonly path: string;
  /** Without the content type. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** Makes chunks of the events of one answer's stream. */
export interface StreamReader<Chunk> {
  /**
   * @param data of the next event
   * @throws {UpstreamError} when the event says, or shows, that the answer has failed
   */
  read(data: string): readonly Chunk[];
  /** Whether the whole answer has come. Nothing is read after that. */
  readonly isComplete: boolean;
}

/** How a provider says what has gone wrong, in the JSON of an answer with status 400 or above. */
export type ReadProblem = (body: unknown) => UpstreamProblem;

type StreamBody = Dispatcher.ResponseData['body'];

const AFTER_LAST_EVENT_MS = 1_000;
const AFTER_LAST_EVENT_BYTES = 16_384;

/** Posts to a provider's server, by undici's `request`, which costs a fifth of the CPU of `fetch`. */
export class UpstreamClient {
  readonly #agent: Agent;
  readonly #timeouts: { readonly firstByte: number; readonly total: number };

  constructor(
    config: UpstreamClientConfig,
    private readonly readProblem: ReadProblem,
  ) {
    this.#agent = new Agent({
      connect: { timeout: config.PROVIDER_CONNECT_TIMEOUT_MS },
      // The call's own timers rule: undici's would end a long thought between two chunks.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#timeouts = {
      firstByte: config.PROVIDER_FIRST_BYTE_TIMEOUT_MS,
      total: config.PROVIDER_TIMEOUT_MS,
    };
  }

  async postForJson<Body>(
    request: UpstreamRequest,
    call: ProviderCall,
    isBody: (value: unknown) => value is Body,
  ): Promise<Json<Body>> {
    const timers = new CallTimers(call.signal, this.#timeouts, call.startedAt);
    try {
      const body = await this.#post(request, call, timers.signal);
      const bytes: Buffer[] = [];
      for await (const part of body as AsyncIterable<Buffer>) {
        timers.firstByteArrived();
        bytes.push(part);
      }
      return parseAnswer(Buffer.concat(bytes).toString('utf8'), isBody);
    } catch (error) {
      throw toUpstreamError(error, call.signal, timers.hasBegun);
    } finally {
      timers.stop();
    }
  }

  /**
   * Returns only when the answer came whole. Leaving early destroys the connection, and with it the provider's work.
   *
   * @param reader a new one for each call
   */
  async *postForStream<Chunk>(
    request: UpstreamRequest,
    call: ProviderCall,
    reader: StreamReader<Chunk>,
  ): AsyncGenerator<Chunk, void> {
    const timers = new CallTimers(call.signal, this.#timeouts, call.startedAt);
    let body: StreamBody | undefined;
    try {
      body = await this.#post(request, call, timers.signal);
      const events: string[] = [];
      const parser = createParser({ onEvent: ({ data }) => events.push(data) });
      const decoder = new TextDecoder();
      for await (const bytes of body.iterator({
        destroyOnReturn: false,
      }) as AsyncIterable<Buffer>) {
        timers.firstByteArrived();
        parser.feed(decoder.decode(bytes, { stream: true }));
        for (const data of events.splice(0)) {
          for (const chunk of reader.read(data)) yield chunk;
          if (reader.isComplete) return;
        }
      }
      throw cutStream();
    } catch (error) {
      throw toUpstreamError(error, call.signal, timers.hasBegun);
    } finally {
      timers.stop();
      if (body !== undefined && reader.isComplete) reuseConnection(body);
      else if (body !== undefined) abandon(body);
    }
  }

  /** Releases connections. */
  close(): Promise<void> {
    return this.#agent.close();
  }

  async #post(
    { origin, path, headers, body }: UpstreamRequest,
    { traceparent }: ProviderCall,
    signal: AbortSignal,
  ) {
    const response = await this.#agent.request({
      origin,
      path,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...headers,
        ...(traceparent !== undefined && { traceparent }),
      },
      body: toJson(body),
      signal,
    });
    if (response.statusCode >= 400) throw await this.#failureOf(response);
    return response.body;
  }

  async #failureOf({ statusCode, headers, body }: Dispatcher.ResponseData) {
    const retryAfter = headers['retry-after'];
    return upstreamFailure(
      statusCode,
      this.#problemIn(await body.text()),
      typeof retryAfter === 'string' ? retryAfter : undefined,
    );
  }

  /** Reads what it can of a failed answer; a proxy in between may have sent HTML. */
  #problemIn(text: string): UpstreamProblem {
    try {
      return this.readProblem(JSON.parse(text));
    } catch {
      return {};
    }
  }
}

/** The key of a target, if it has one. */
export type ReadKey = (environmentVariable: string) => string | undefined;

export function keyOf({ apiKeyEnv }: ModelTarget, readKey: ReadKey): string | undefined {
  return apiKeyEnv === null ? undefined : readKey(apiKeyEnv);
}

/**
 * A provider's answers are checked by hand, for what this service reads of them: a schema would cost more than all the
 * rest of a call.
 */
export function parseAnswer<Body>(
  text: string,
  isBody: (value: unknown) => value is Body,
): Json<Body> {
  const value = parseUpstreamJson(text);
  if (isBody(value)) return { text, value };
  throw upstreamFault('The model provider sent an answer that is none.');
}

function parseUpstreamJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw upstreamFault('The model provider sent an answer that is not JSON.', error);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function cutStream(): UpstreamError {
  return upstreamFault('The model provider ended its stream before the answer was complete.');
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

/** An abort by the caller stays what it is; everything else has failed upstream. */
function toUpstreamError(error: unknown, signal: AbortSignal, hasBegun: boolean): unknown {
  if (error instanceof UpstreamError || signal.aborted) return error;
  if (error instanceof errors.ConnectTimeoutError) {
    return upstreamTimeout('The model provider could not be reached in time.');
  }
  if (hasBegun) return upstreamFault('The model provider broke off its answer.', error);
  return upstreamUnreachable('The model provider could not be reached.', error);
}
