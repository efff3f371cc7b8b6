import type { AbortSignalLike } from '../abort-signal.js';
import type { Principal } from '../access/principal.js';
import type { RateLimits } from '../access/rate-limits.js';
import type { CallOrigin } from '../models/model-call.js';
import type { ModelCatalog } from '../models/model-catalog.js';
import type { ModelClients } from '../models/model-client.js';
import type { Config } from '../config.js';
import type { ResultCache } from '../store/ports.js';
import type { Metrics } from '../telemetry/metrics.js';
import { Overloaded, type AdmissionGate } from './admission-gate.js';
import { cacheKey } from './cache-key.js';
import { RepeatedKeys } from './repeated-keys.js';
import { SharedRun, type Work } from './shared-run.js';
import { TaskRun } from './task-run.js';
import type { Outcome, Run, Task } from './task.js';

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
  /** What the input was read from, where that is known. */
  readonly text?: string | undefined;
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
  readonly config: Pick<Config, 'CACHE_POLICY' | 'CACHE_TTL_SECONDS' | 'CACHE_MAX_ENTRIES'>;
  readonly catalog: ModelCatalog;
  readonly clients: ModelClients;
  readonly cache: ResultCache;
  readonly gate: AdmissionGate;
  readonly limits: Pick<RateLimits, 'charge'>;
  readonly metrics: Metrics;
}

/** Runs tasks: from the cache, together with the same request in flight, or anew. */
export class InferenceService {
  /**
   * Runs that others may join, by their cache keys, which are hashes. No `Map`: each table that a busy one grows out of
   * leads to the next, and once one has aged, all later ones, and what they held, outlive collections of young garbage.
   */
  readonly #flights: Partial<Record<string, SharedRun>> = {};
  readonly #repeatedKeys: RepeatedKeys;

  constructor(private readonly dependencies: InferenceDependencies) {
    this.#repeatedKeys = new RepeatedKeys(dependencies.config.CACHE_MAX_ENTRIES);
  }

  /**
   * @returns the run, which may still fail
   * @throws {ApiError} 404 when the model that the input names is not served
   */
  async infer(call: InferenceCall): Promise<Inference> {
    const destination = this.#destination(call.input);
    if (!this.#isCacheable(call) || call.cache.noStore) {
      return this.#met('bypass', this.#ownRun(call));
    }
    const repeated = this.#repeatedKeys.find(call);
    const key = repeated ?? keyOf(call, destination);
    if (call.cache.noCache) {
      return this.#met('bypass', this.#ownRun(call, key));
    }
    const flying = this.#flights[key];
    if (flying !== undefined) return this.#follow(flying, call);
    const stored = await this.#lookUp(key);
    if (stored !== undefined) {
      if (repeated === undefined) this.#repeatedKeys.remember(call, key);
      return this.#met('hit', finishedRun(call.task, stored));
    }
    // Another request may have taken off while this one looked.
    const meanwhile = this.#flights[key];
    if (meanwhile !== undefined) return this.#follow(meanwhile, call);
    return this.#met('miss', this.#takeOff(key, call).join(call.signal));
  }

  #met(cache: CacheOutcome, run: Run): Inference {
    this.dependencies.metrics.metCache(cache);
    return { cache, run };
  }

  #isCacheable({ task, input }: InferenceCall): boolean {
    const policy = this.dependencies.config.CACHE_POLICY;
    return policy === 'always' || (policy === 'deterministic' && task.cacheable(input));
  }

  #destination(input: unknown): string | null {
    const model = (input as { model?: unknown } | null)?.model;
    return typeof model === 'string' ? this.dependencies.catalog.destinationOf(model) : null;
  }

  #takeOff(key: string, call: InferenceCall): SharedRun {
    const run = new SharedRun(this.#workOf(call, key), () => {
      Reflect.deleteProperty(this.#flights, key);
    });
    this.#flights[key] = run;
    return run;
  }

  #follow(shared: SharedRun, call: InferenceCall): Inference {
    const run = shared.join(call.signal);
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
    return new SharedRun(this.#workOf(call, key)).join(call.signal);
  }

  /** @param key where to keep the outcome */
  #workOf(call: InferenceCall, key?: string): Work {
    return new TaskRun(call, this.dependencies, (outcome) => this.#keep(outcome, key));
  }

  /** A cache that cannot be read is a miss: it must not take inference down with it. */
  #lookUp(key: string): Promise<Outcome | undefined> {
    return this.dependencies.cache.get(key).catch(() => undefined);
  }

  #keep(outcome: Outcome, key: string | undefined): Promise<void> | undefined {
    if (key === undefined || !outcome.complete) return undefined;
    const { cache, config } = this.dependencies;
    return cache.set(key, outcome, config.CACHE_TTL_SECONDS).catch(() => undefined);
  }
}

function keyOf({ tenant, task, input }: InferenceCall, destination: string | null): string {
  return cacheKey({ tenant, task, destination, input: task.cacheInput(input) });
}

function finishedRun(task: Task, outcome: Outcome): Run {
  return {
    outcome: () => Promise.resolve(outcome),
    async *deltas() {
      yield [...task.replay(outcome)];
      return Promise.resolve(outcome);
    },
  };
}
