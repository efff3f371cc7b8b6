import Agent from 'undici/lib/dispatcher/agent.js';
import type { Config } from '../config.js';
import { parseJson, toJson } from '../json.js';
import type { ModelTarget } from '../models/model-catalog.js';
import type { Stream } from '../stream.js';
import type { Json, ProviderCall } from './provider.js';
import type { UpstreamAnswer } from './upstream-answer.js';
import { UpstreamExchange } from './upstream-exchange.js';
import {
  type UpstreamError,
  upstreamFailure,
  upstreamFault,
  type UpstreamProblem,
  upstreamSilence,
  upstreamTimeout,
} from './upstream-error.js';
import { UpstreamStream, type StreamReader } from './upstream-stream.js';

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

/** How a provider says what has gone wrong, in the JSON of an answer with status 400 or above. */
export type ReadProblem = (body: unknown) => UpstreamProblem;

/** Posts to a provider's server, by undici alone: Node's `fetch` costs five times the CPU. */
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
    const exchange = this.#post(request, call, upstreamSilence);
    const { answer } = exchange;
    try {
      const text = await answer.text();
      if (answer.status >= 400) throw this.#failureOf(answer, text);
      return parseAnswer(text, isBody);
    } catch (error) {
      throw exchange.explain(error);
    } finally {
      exchange.end();
    }
  }

  /** @param reader a new one for each call */
  postForStream<Chunk>(
    request: UpstreamRequest,
    call: ProviderCall,
    reader: StreamReader<Chunk>,
  ): Stream<readonly Chunk[]> {
    return new UpstreamStream(
      () => this.#post(request, call, upstreamTimeout),
      this.#failureOf,
      reader,
    );
  }

  /** Releases connections. */
  close(): Promise<void> {
    return this.#agent.close();
  }

  #post(
    { origin, path, headers, body }: UpstreamRequest,
    call: ProviderCall,
    noFirstByte: (message: string) => UpstreamError,
  ): UpstreamExchange {
    const options = {
      origin,
      path,
      method: 'POST' as const,
      headers: Object.assign({ 'content-type': 'application/json' }, headers, call.traceHeaders),
      body: toJson(body),
    };
    // From here on there are timers, which only the end of the exchange stops.
    const exchange = new UpstreamExchange(call, this.#timeouts, noFirstByte);
    try {
      this.#agent.dispatch(options, exchange.answer);
    } catch (error) {
      exchange.end();
      throw exchange.explain(error);
    }
    return exchange;
  }

  readonly #failureOf = ({ status, headers }: UpstreamAnswer, text: string): UpstreamError =>
    upstreamFailure(status, this.#problemIn(text), headers['retry-after']);

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
