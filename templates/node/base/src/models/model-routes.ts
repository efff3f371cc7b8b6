import { LRUCache } from 'lru-cache';
import type { Provider, Providers } from '../providers/provider.js';
import type { Logger } from '../telemetry/logger.js';
import type { CallMeters } from '../telemetry/call-meter.js';
import type { Operation } from '../telemetry/gen-ai-conventions.js';
import type {
  CircuitReading,
  ModelCallMetrics,
  TargetLabels,
} from '../telemetry/model-call-metrics.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type { ModelCatalog, ModelTarget } from './model-catalog.js';

/** A target as one of an alias' chain, with all that its calls need: made once, since calls are many. */
export interface ModelRoute {
  readonly target: ModelTarget;
  readonly provider: Provider;
  readonly breaker: CircuitBreaker;
  readonly meters: Readonly<Record<Operation, CallMeters>>;
  readonly labels: TargetLabels;
  /** For the log. It names the alias and never the model that was asked for, which is a caller's own text. */
  readonly where: { readonly alias: string; readonly place: number; readonly provider: string };
}

export interface ModelRoutesDependencies {
  readonly catalog: ModelCatalog;
  readonly providers: Providers;
  readonly metrics: ModelCallMetrics;
  readonly logger: Logger;
}

/** Names that callers give under `"*"` are remembered up to this number, and up to this many characters in all. */
const MAX_NAMES = 1_000;
const MAX_CHARACTERS = 100_000;

/** The ways to each model. They live as long as the process, and with them the circuit breakers. */
export class ModelRoutes {
  readonly #named = new Map<string, readonly ModelRoute[]>();
  /**
   * A name that a caller makes up may fail without harm to others, so each has a breaker of its own. There is no end of
   * such names: the ones unused for longest are forgotten, and begin anew with a closed circuit.
   */
  readonly #passedThrough = new LRUCache<string, readonly ModelRoute[]>({
    max: MAX_NAMES,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_routes, model) => model.length,
  });
  /** By target: aliases that share one share what is known of it. */
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(private readonly dependencies: ModelRoutesDependencies) {
    const { catalog, metrics } = dependencies;
    for (const alias of catalog.aliases) this.#named.set(alias, this.#routesOf(alias));
    metrics.observeCircuits(() => this.#circuits());
  }

  /**
   * @returns the chain, in order; at least one
   * @throws {ApiError} 404 when the model is not served
   */
  of(model: string): readonly ModelRoute[] {
    const known = this.#named.get(model) ?? this.#passedThrough.get(model);
    if (known !== undefined) return known;
    const routes = this.#routesOf(model);
    this.#passedThrough.set(model, routes);
    return routes;
  }

  #routesOf(model: string): readonly ModelRoute[] {
    const { catalog, providers, metrics } = this.dependencies;
    const { alias, targets } = catalog.resolve(model);
    return targets.map((target, place) => {
      const { provider } = target;
      const where = { alias, place, provider };
      const labels = { provider, model: alias };
      return {
        target,
        provider: providerNamed(provider, providers),
        breaker: this.#breakerOf(target, where, alias !== model && target.model === model),
        meters: {
          chat: metrics.meters('chat', labels, target),
          embeddings: metrics.meters('embeddings', labels, target),
        },
        labels,
        where,
      };
    });
  }

  #breakerOf(target: ModelTarget, where: ModelRoute['where'], isPassedThrough: boolean) {
    const key = [target.provider, target.baseUrl, target.model].join(' ');
    const shared = this.#breakers.get(key);
    if (shared !== undefined) return shared;
    const breaker = new CircuitBreaker((circuit) => {
      this.dependencies.logger.warn({ ...where, circuit }, 'circuit of a model target changed');
    });
    if (!isPassedThrough) this.#breakers.set(key, breaker);
    return breaker;
  }

  *#circuits(): Generator<CircuitReading> {
    const chains = [...this.#named.values(), ...this.#passedThrough.values()];
    for (const { labels, where, breaker } of chains.flat()) {
      yield { ...labels, target: where.place, state: breaker.state };
    }
  }
}

function providerNamed(name: ModelTarget['provider'], providers: Providers): Provider {
  const provider = providers[name];
  if (provider === undefined) throw new Error(`The provider "${name}" was not made.`);
  return provider;
}
