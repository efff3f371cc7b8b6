import { toAbortSignal, type AbortSignalLike } from '../abort-signal.js';
import type { Principal } from '../access/principal.js';
import type { RateLimits } from '../access/rate-limits.js';
import type { CallOrigin } from '../models/model-call.js';
import type { ModelCatalog } from '../models/model-catalog.js';
import type { ModelClient, ModelClients } from '../models/model-client.js';
import type { Config } from '../config.js';
import type { ResultCache } from '../store/ports.js';
import type { Metrics } from '../telemetry/metrics.js';
import { Overloaded, type AdmissionGate } from './admission-gate.js';
import { cacheKey } from './cache-key.js';
import { SharedRun } from './shared-run.js';
import {
  canStream,
  type Deltas,
  type Outcome,
  type Run,
  type StreamingTask,
  type Task,
  type TaskContext,
} from './task.js';

/** How a request met the cache, to be said in `Cache-Status` (RFC 9211). */
export type CacheOutcome = 'hit' | 'miss' | 'collapsed' | 'bypass';

/** What a caller may forbid (RFC 9111, section 5.2.1). */
export interface CacheDirectives {
  readonly noCache: boolean;
  readonly noStore: boolean;
}

export interface InferenceCall<Input = unknown> extends Principal, CallOrigin {
  readonly task: Task<Input>;
  readonly input: Input;
  /** Runs of jobs wait at no gate: how many there are at once is bounded elsewhere. */
  readonly origin: 'request' | 'job';
  /** Whether the caller reads deltas as they come. */
  readonly stream: boolean;
  readonly cache: CacheDirectives;
  readonly signal: AbortSignalLike;
  readonly onProgress?: (fraction: number, message: string | null) => Promise<void>;
}

export interface Inference {
  readonly cache: CacheOutcome;
  readonly run: Run;
}

export interface InferenceDependencies {
  readonly config: Pick<Config, 'CACHE_POLICY' | 'CACHE_TTL_SECONDS'>;
  readonly catalog: ModelCatalog;
  readonly clients: ModelClients;
  readonly cache: ResultCache;
  readonly gate: AdmissionGate;
  readonly limits: Pick<RateLimits, 'charge'>;
  readonly metrics: Metrics;
}

/** Runs tasks: from the cache, together with the same request in flight, or anew. */
export class InferenceService {
  readonly #flights = new Map<string, SharedRun>();

  constructor(private readonly dependencies: InferenceDependencies) {}

  /**
   * @returns the run, which may still fail
   * @throws {ApiError} 404 when the model that the input names is not served
   */
  async infer(call: InferenceCall): Promise<Inference> {
    const targets = this.#targets(call.input);
    if (!this.#isCacheable(call) || call.cache.noStore) {
      return this.#met('bypass', this.#ownRun(call));
    }
    const key = cacheKey({
      tenant: call.tenant,
      task: call.task,
      targets,
      input: call.task.cacheInput(call.input),
    });
    if (call.cache.noCache) {
      return this.#met('bypass', this.#ownRun(call, key));
    }
    const flying = this.#flights.get(key);
    if (flying !== undefined) return this.#follow(flying, call);
    const stored = await this.#lookUp(key);
    if (stored !== undefined) return this.#met('hit', finishedRun(call.task, stored));
    // Another request may have taken off while this one looked.
    const meanwhile = this.#flights.get(key);
    if (meanwhile !== undefined) return this.#follow(meanwhile, call);
    return this.#met('miss', this.#takeOff(key, call).join(call.signal));
  }

  #met(cache: CacheOutcome, run: Run): Inference {
    this.dependencies.metrics.cacheRequests.inc({ result: cache });
    return { cache, run };
  }

  #isCacheable({ task, input }: InferenceCall): boolean {
    const policy = this.dependencies.config.CACHE_POLICY;
    return policy === 'always' || (policy === 'deterministic' && task.cacheable(input));
  }

  #targets(input: unknown): unknown {
    const model = (input as { model?: unknown } | null)?.model;
    return typeof model === 'string' ? this.dependencies.catalog.resolve(model).targets : null;
  }

  #takeOff(key: string, call: InferenceCall): SharedRun {
    const shared = new SharedRun((signal) => this.#begin(call, signal, key), {
      replay: (outcome) => call.task.replay(outcome),
      onEnd: () => this.#flights.delete(key),
    });
    this.#flights.set(key, shared);
    return shared;
  }

  #follow(flight: SharedRun, call: InferenceCall): Inference {
    const run = flight.join(call.signal);
    return this.#met('collapsed', call.origin === 'job' ? this.#unlessShed(run, call) : run);
  }

  /** A job may share a request's run, but must not be turned away with it. */
  #unlessShed(run: Run, call: InferenceCall): Run {
    const ownRun = (error: unknown): Run => {
      if (error instanceof Overloaded) return this.#ownRun(call);
      throw error;
    };
    return {
      outcome: () => run.outcome().catch((error: unknown) => ownRun(error).outcome()),
      async *deltas() {
        try {
          return yield* run.deltas();
        } catch (error) {
          return yield* ownRun(error).deltas();
        }
      },
    };
  }

  /** A run that its caller shares with nobody. */
  #ownRun(call: InferenceCall, key?: string): Run {
    const { task, signal } = call;
    const options = { replay: (outcome: Outcome) => task.replay(outcome), onEnd: () => undefined };
    return new SharedRun((ownSignal) => this.#begin(call, ownSignal, key), options).join(signal);
  }

  /** @param key where to keep the outcome */
  #begin(call: InferenceCall, signal: AbortSignalLike, key?: string): Promise<Outcome> | Deltas {
    const { task, stream } = call;
    return stream && canStream(task)
      ? this.#stream({ ...call, task }, signal, key)
      : this.#answer(call, signal, key);
  }

  async #answer(call: InferenceCall, signal: AbortSignalLike, key?: string): Promise<Outcome> {
    const models = this.dependencies.clients.forRun(signal, call);
    await this.#enter(call, signal);
    try {
      const outcome = await call.task.answer(call.input, contextOf(call, models, signal));
      await this.#keep(outcome, key);
      return outcome;
    } finally {
      this.#leave(call, models);
    }
  }

  async *#stream(
    call: InferenceCall & { readonly task: StreamingTask },
    signal: AbortSignalLike,
    key?: string,
  ): Deltas {
    const models = this.dependencies.clients.forRun(signal, call);
    await this.#enter(call, signal);
    try {
      const outcome = yield* call.task.stream(call.input, contextOf(call, models, signal));
      await this.#keep(outcome, key);
      return outcome;
    } finally {
      this.#leave(call, models);
    }
  }

  #enter({ origin }: InferenceCall, signal: AbortSignalLike): Promise<void> | undefined {
    return origin === 'request' ? this.dependencies.gate.enter(signal) : undefined;
  }

  /** What was used is owed, however the run went. */
  #leave({ origin, key }: InferenceCall, { usage }: ModelClient): void {
    const { gate, limits } = this.dependencies;
    if (origin === 'request') gate.leave();
    if (usage !== null) limits.charge(key, usage.total_tokens);
  }

  /** A cache that cannot be read is a miss: it must not take inference down with it. */
  #lookUp(key: string): Promise<Outcome | undefined> {
    return this.dependencies.cache.get(key).catch(() => undefined);
  }

  async #keep(outcome: Outcome, key: string | undefined): Promise<void> {
    if (key === undefined || !outcome.complete) return;
    const { cache, config } = this.dependencies;
    await cache.set(key, outcome, config.CACHE_TTL_SECONDS).catch(() => undefined);
  }
}

function contextOf(
  { tenant, onProgress }: InferenceCall,
  models: ModelClient,
  signal: AbortSignalLike,
): TaskContext {
  return {
    models,
    get signal() {
      return toAbortSignal(signal);
    },
    tenant,
    progress: async (fraction, message) => onProgress?.(fraction, message ?? null),
  };
}

function finishedRun(task: Task, outcome: Outcome): Run {
  return {
    outcome: () => Promise.resolve(outcome),
    async *deltas() {
      yield* task.replay(outcome);
      return Promise.resolve(outcome);
    },
  };
}
