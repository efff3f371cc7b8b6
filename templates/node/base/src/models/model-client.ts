import type { AbortSignalLike } from '../abort-signal.js';
import type { ChatCompletion, ChatRequest } from '../inference/chat-completion.js';
import type { EmbeddingList, EmbeddingRequest } from '../inference/embedding.js';
import type { Usage } from '../inference/task.js';
import type { ChatChunks, Json, Providers } from '../providers/provider.js';
import type { Stream } from '../stream.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { AnswerTraits, CallMeter } from '../telemetry/call-meter.js';
import type { Operation } from '../telemetry/gen-ai-conventions.js';
import { ChatStream } from './chat-stream.js';
import {
  ModelCall,
  type CallOrigin,
  type ModelCallContext,
  type ModelCallDependencies,
} from './model-call.js';
import type { ModelCatalog, ModelTarget } from './model-catalog.js';
import { ModelRoutes } from './model-routes.js';
import {
  addUsage,
  chatLength,
  completionLength,
  estimateUsage,
  inputLength,
  readUsage,
} from './token-usage.js';

export interface ModelClientsDependencies {
  readonly config: ModelCallDependencies['config'];
  readonly catalog: ModelCatalog;
  readonly providers: Providers;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

interface ModelClientDependencies extends ModelCallDependencies {
  readonly routes: ModelRoutes;
}

const UNKNOWN_ORIGIN: CallOrigin = { bindings: {}, span: null };

/** Makes the model clients of single runs. */
export class ModelClients {
  readonly #dependencies: ModelClientDependencies;

  constructor({ config, catalog, providers, metrics, logger }: ModelClientsDependencies) {
    const shared = { metrics: metrics.modelCalls, logger };
    const routes = new ModelRoutes({ catalog, providers, ...shared });
    this.#dependencies = { config, routes, ...shared };
  }

  forRun(signal: AbortSignalLike, { bindings, span }: CallOrigin = UNKNOWN_ORIGIN): ModelClient {
    return new ModelClient(this.#dependencies, { signal, bindings, span });
  }
}

/** Calls models for one run, and counts the tokens that it uses. Every call ends when the run's signal aborts. */
export class ModelClient {
  #usage: Usage | null = null;

  constructor(
    private readonly dependencies: ModelClientDependencies,
    private readonly context: ModelCallContext,
  ) {}

  /** The sum over all calls so far, estimated where a provider did not say; null before the first that used any. */
  get usage(): Usage | null {
    return this.#usage;
  }

  async chat(request: ChatRequest): Promise<Json<ChatCompletion>> {
    return this.#newCall('chat', request, () => chatLength(request)).firstAnswer(
      async (call, { provider }, meter) => {
        const answer = await provider.chat(wholeChat(request, call.target), call);
        return this.#finish(answer, meter, () =>
          estimateUsage(chatLength(request), completionLength(answer.value)),
        );
      },
    );
  }

  async embed(request: EmbeddingRequest): Promise<Json<EmbeddingList>> {
    const asked = () => inputLength(request.input);
    return this.#newCall('embeddings', request, asked).firstAnswer(
      async (call, { provider }, meter) => {
        const answer = await provider.embed({ ...request, model: call.target.model }, call);
        return this.#finish(answer, meter, () => estimateUsage(asked(), 0));
      },
    );
  }

  /**
   * Chunks as the provider sends them, the one with the usage among them; those that arrive together are one step. Ends
   * normally only when the answer is whole.
   */
  chatStream(request: ChatRequest): Stream<ChatChunks> {
    const call = this.#newCall('chat', request, () => chatLength(request));
    return new ChatStream(call, request, (usage, meter) => {
      this.#count(usage, meter);
    });
  }

  /** @param asked characters of the request, which are paid for also when nobody waits for the answer */
  #newCall(operation: Operation, { model }: { readonly model: string }, asked: () => number) {
    const { dependencies, context } = this;
    const routes = dependencies.routes.of(model);
    return new ModelCall(dependencies, context, operation, routes, (meter) => {
      this.#count(estimateUsage(asked(), 0), meter);
    });
  }

  #finish<Body extends AnswerTraits & { readonly usage?: unknown }>(
    answer: Json<Body>,
    meter: CallMeter,
    estimate: () => Usage,
  ) {
    meter.answer(answer.value);
    this.#count(readUsage(answer.value.usage) ?? estimate(), meter);
    meter.end();
    return answer;
  }

  #count(usage: Usage, meter: CallMeter): void {
    meter.usage(usage);
    this.#usage = this.#usage === null ? usage : addUsage(this.#usage, usage);
  }
}

/** The request for an answer in one piece. Assigned: to spread an object and name its fields anew costs far more. */
function wholeChat(request: ChatRequest, { model }: ModelTarget): ChatRequest {
  return Object.assign({}, request, { model, stream: undefined, stream_options: undefined });
}
