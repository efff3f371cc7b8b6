import { z } from 'zod';
import type { ChatChunk } from '../inference/chat-chunks.js';
import type { ChatCompletion, ChatRequest } from '../inference/chat-completion.js';
import type { EmbeddingList, EmbeddingRequest } from '../inference/embedding.js';
import type { Usage } from '../inference/task.js';
import type { Json, Provider, ProviderCall } from '../providers/provider.js';
import { isWorthAnotherTarget, UpstreamError } from '../providers/upstream-error.js';
import type { Logger } from '../telemetry/logger.js';
import type { CallMeter, Metrics, Operation } from '../telemetry/metrics.js';
import type { ModelCatalog, ModelTarget } from './model-catalog.js';

const tokens = z.number().int().min(0);

const usageCounts = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens.optional(),
  total_tokens: tokens.optional(),
});

export type Providers = Readonly<Record<ModelTarget['provider'], Provider>>;

interface Attempt extends ProviderCall {
  readonly provider: Provider;
  readonly meter: CallMeter;
  /** For the log. It names the alias and never the model that was asked for, which is a caller's own text. */
  readonly where: object;
}

export interface ModelClientDependencies {
  readonly catalog: ModelCatalog;
  readonly providers: Providers;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Makes the model clients of single runs. */
export class ModelClients {
  constructor(private readonly dependencies: ModelClientDependencies) {}

  forRun(signal: AbortSignal): ModelClient {
    return new ModelClient(this.dependencies, signal);
  }
}

/** Calls models for one run, and counts the tokens that it uses. Every call ends when the run's signal aborts. */
export class ModelClient {
  #usage: Usage | null = null;

  constructor(
    private readonly dependencies: ModelClientDependencies,
    private readonly signal: AbortSignal,
  ) {}

  /** The sum over all calls so far; null before the first that said what it used. */
  get usage(): Usage | null {
    return this.#usage;
  }

  async chat(request: ChatRequest): Promise<Json<ChatCompletion>> {
    const { stream, stream_options, ...body } = request;
    return this.#firstAnswer('chat', request.model, ({ provider, ...call }) =>
      this.#metered(call.meter, provider.chat({ ...body, model: call.target.model }, call)),
    );
  }

  async embed(request: EmbeddingRequest): Promise<Json<EmbeddingList>> {
    return this.#firstAnswer('embeddings', request.model, ({ provider, ...call }) =>
      this.#metered(call.meter, provider.embed({ ...request, model: call.target.model }, call)),
    );
  }

  /** Chunks as the provider sends them, the one with the usage among them. Ends normally only when the answer is whole. */
  async *chatStream(request: ChatRequest): AsyncGenerator<Json<ChatChunk>, void, undefined> {
    const { chunks, meter, first, where } = await this.#openStream(request);
    // Some servers send it with every chunk, as the sum so far.
    let usage: unknown;
    try {
      for (let step = first; step.done !== true; step = await chunks.next()) {
        meter.chunk();
        usage = step.value.value.usage ?? usage;
        yield step.value;
      }
      meter.end();
    } catch (error) {
      meter.end(error);
      this.#noteFailure(error, where);
      throw error;
    } finally {
      this.#count(usage, meter);
      // Reached without an end when the reader left.
      meter.end(this.signal.reason);
      await chunks.return();
    }
  }

  /** The stream of the first target whose first chunk arrives: after it, no other target can take over. */
  #openStream(request: ChatRequest) {
    const options = { ...request.stream_options, include_usage: true };
    const body = { ...request, stream: true, stream_options: options };
    return this.#firstAnswer('chat', request.model, async ({ provider, where, ...call }) => {
      const chunks = provider.chatStream({ ...body, model: call.target.model }, call);
      return { chunks, meter: call.meter, where, first: await chunks.next() };
    });
  }

  async #firstAnswer<Answer>(
    operation: Operation,
    model: string,
    attempt: (attempt: Attempt) => Promise<Answer>,
  ): Promise<Answer> {
    const { alias, targets } = this.dependencies.catalog.resolve(model);
    let failure: unknown;
    for (const [place, target] of targets.entries()) {
      const meter = this.dependencies.metrics.startCall({
        operation,
        provider: target.provider,
        model: alias,
      });
      const provider = this.dependencies.providers[target.provider];
      const where = { alias, place, provider: target.provider };
      try {
        return await attempt({ provider, target, signal: this.signal, meter, where });
      } catch (error) {
        meter.end(error);
        this.#noteFailure(error, where);
        failure = error;
        if (this.signal.aborted || !isWorthAnotherTarget(error)) break;
      }
    }
    throw failure;
  }

  /** What has gone wrong upstream, without a word of what was asked or answered. */
  #noteFailure(error: unknown, where: object): void {
    if (this.signal.aborted || !(error instanceof UpstreamError)) return;
    const { status, body, upstreamStatus, cause } = error;
    const { name, code } = (cause ?? {}) as { name?: string; code?: string };
    const reason = {
      status,
      code: body.code,
      upstream_status: upstreamStatus,
      cause: code ?? name,
    };
    this.dependencies.logger.warn({ ...where, ...reason }, 'model call failed');
  }

  async #metered<Body extends { readonly usage?: unknown }>(
    meter: CallMeter,
    call: Promise<Json<Body>>,
  ): Promise<Json<Body>> {
    const answer = await call;
    this.#count(answer.value.usage, meter);
    meter.end();
    return answer;
  }

  #count(counted: unknown, meter: CallMeter): void {
    const usage = toUsage(counted);
    if (usage === null) return;
    meter.usage(usage);
    this.#usage = this.#usage === null ? usage : sum(this.#usage, usage);
  }
}

/** What a provider says of usage, where that can be believed. Embeddings have no completion tokens. */
function toUsage(counted: unknown): Usage | null {
  const { data } = usageCounts.safeParse(counted);
  if (data === undefined) return null;
  const { prompt_tokens, completion_tokens = 0 } = data;
  const { total_tokens = prompt_tokens + completion_tokens } = data;
  return { prompt_tokens, completion_tokens, total_tokens };
}

function sum(a: Usage, b: Usage): Usage {
  return {
    prompt_tokens: a.prompt_tokens + b.prompt_tokens,
    completion_tokens: a.completion_tokens + b.completion_tokens,
    total_tokens: a.total_tokens + b.total_tokens,
  };
}
