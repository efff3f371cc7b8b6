import { toAbortSignal, type AbortSignalLike } from '../abort-signal.js';
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
import { SharedRun } from './shared-run.js';
import { endRun, type Outcome, type Run, type Task } from './task.js';

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

interface Flight {
  readonly shared: SharedRun;
  /** Settled before the first delta: whether the answer was there already. */
  readonly cached: Promise<boolean>;
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
  readonly #flights = new Map<string, Flight>();

  constructor(private readonly dependencies: InferenceDependencies) {}

  /**
   * @returns the run, whose first step may still fail
   * @throws {ApiError} 404 when the model that the input names is not served
   */
  async infer(call: InferenceCall): Promise<Inference> {
    const inference = await this.#start(call);
    this.dependencies.metrics.cacheRequests.inc({ result: inference.cache });
    return inference;
  }

  async #start(call: InferenceCall): Promise<Inference> {
    const targets = this.#targets(call.input);
    if (!this.#isCacheable(call) || call.cache.noStore) {
      return { cache: 'bypass', run: this.#ownRun(call) };
    }
    const key = cacheKey({
      tenant: call.tenant,
      task: call.task,
      targets,
      input: call.task.cacheInput(call.input),
    });
    if (call.cache.noCache) {
      return { cache: 'bypass', run: this.#ownRun(call, key) };
    }
    const flying = this.#flights.get(key);
    const flight = flying ?? this.#takeOff(key, call);
    const joined = withReplay(call, flight.shared.join(call.signal));
    const run = call.origin === 'job' ? this.#unlessShed(call, joined) : joined;
    if (await flight.cached) return { cache: 'hit', run };
    return { cache: flying === undefined ? 'miss' : 'collapsed', run };
  }

  #isCacheable({ task, input }: InferenceCall): boolean {
    const policy = this.dependencies.config.CACHE_POLICY;
    return policy === 'always' || (policy === 'deterministic' && task.cacheable(input));
  }

  #targets(input: unknown): unknown {
    const model = (input as { model?: unknown } | null)?.model;
    return typeof model === 'string' ? this.dependencies.catalog.resolve(model).targets : null;
  }

  /** Registered before anything is awaited, so that no second request can slip in between. */
  #takeOff(key: string, call: InferenceCall): Flight {
    const lookup = this.dependencies.cache.get(key);
    const shared = new SharedRun(
      (signal) => this.#cachedOrRun(key, call, lookup, signal),
      () => {
        if (this.#flights.get(key)?.shared === shared) this.#flights.delete(key);
      },
    );
    // A cache that cannot be read is a miss: it must not take inference down with it.
    const cached = lookup.then(
      (outcome) => outcome !== undefined,
      () => false,
    );
    const flight: Flight = { shared, cached };
    this.#flights.set(key, flight);
    return flight;
  }

  async *#cachedOrRun(
    key: string,
    call: InferenceCall,
    lookup: Promise<Outcome | undefined>,
    signal: AbortSignalLike,
  ): Run {
    const outcome = await lookup.catch(() => undefined);
    return outcome ?? (yield* this.#run(call, signal, key));
  }

  /** A run that its caller shares with nobody. */
  #ownRun(call: InferenceCall, key?: string): Run {
    const run = this.#run(call, call.signal, key);
    // Between two steps of a stream it would not notice that nobody takes the next one any more.
    const end = () => void endRun(run).catch(() => undefined);
    if (call.stream) call.signal.addEventListener('abort', end);
    return run;
  }

  /** A job may share a request's run, but must not be turned away with it. */
  async *#unlessShed(call: InferenceCall, run: Run): Run {
    try {
      return yield* run;
    } catch (error) {
      if (!(error instanceof Overloaded)) throw error;
      return yield* this.#run(call, call.signal);
    }
  }

  /** @param key where to keep the outcome */
  async *#run(call: InferenceCall, signal: AbortSignalLike, key?: string): Run {
    const { clients, gate, limits } = this.dependencies;
    const { task, input, tenant, stream, origin, onProgress } = call;
    const models = clients.forRun(signal, call);
    if (origin === 'request') await gate.enter(signal);
    try {
      const outcome = yield* task.start(input, {
        models,
        get signal() {
          return toAbortSignal(signal);
        },
        tenant,
        stream,
        progress: async (fraction, message) => onProgress?.(fraction, message ?? null),
      });
      if (key !== undefined && outcome.complete) await this.#keep(key, outcome);
      return outcome;
    } catch (error) {
      throw whyAborted(signal) ?? error;
    } finally {
      if (origin === 'request') gate.leave();
      // What was used is owed, however the run went.
      if (models.usage !== null) limits.charge(call.key, models.usage.total_tokens);
    }
  }

  async #keep(key: string, outcome: Outcome): Promise<void> {
    const { cache, config } = this.dependencies;
    await cache.set(key, outcome, config.CACHE_TTL_SECONDS).catch(() => undefined);
  }
}

/** Why a run was aborted says more than how it noticed. */
function whyAborted(signal: AbortSignalLike): unknown {
  return signal.aborted ? signal.reason : undefined;
}

/** Gives the deltas of an answer that came whole (from the cache, or by a run that a JSON caller began). */
async function* withReplay({ task, stream, signal }: InferenceCall, run: Run): Run {
  let streamed = false;
  try {
    for (;;) {
      const step = await run.next();
      if (step.done === true) {
        if (stream && !streamed) yield* task.replay(step.value);
        return step.value;
      }
      streamed = true;
      yield step.value;
    }
  } catch (error) {
    throw whyAborted(signal) ?? error;
  } finally {
    await endRun(run);
  }
}

/** Runs to the end. */
export async function outcomeOf(run: Run): Promise<Outcome> {
  for (;;) {
    const step = await run.next();
    if (step.done === true) return step.value;
  }
}
