import type { Registry } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type { ModelTarget } from '../models/model-catalog.js';
import { BulkCounter, BulkHistogram } from './bulk-instruments.js';
import { CallMeters } from './call-meter.js';
import { SECONDS } from './duration-buckets.js';
import {
  CALL_ENDED_LABELS,
  CALL_LABELS,
  METRICS,
  TOKEN_LABELS,
  type Operation,
} from './gen-ai-conventions.js';

/** Where a model is called, as labels say it: by `models.json`, never by a caller's own text, since labels must stay few. */
export interface TargetLabels {
  readonly provider: string;
  /** An alias, or `"*"`. */
  readonly model: string;
}

/** Whether calls of a target are let through. */
export interface CircuitReading extends TargetLabels {
  /** Its place in the alias' chain. */
  readonly target: number;
  readonly state: CircuitState;
}

export type CircuitState = keyof typeof CIRCUIT_STATES;

/** From a word to the most that models take at once. */
const TOKENS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];

const CIRCUIT_STATES = { closed: 0, 'half-open': 1, open: 2 };

/** What this process counts of its calls of models. */
export class ModelCallMetrics {
  readonly duration: Readonly<Record<Operation, BulkHistogram<(typeof CALL_ENDED_LABELS)[number]>>>;
  readonly timeToFirstChunk;
  readonly inputTokens;
  readonly outputTokens;
  readonly embeddingsInputTokens;
  readonly #retries;
  readonly #fallbacks;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    const duration = { labelNames: CALL_ENDED_LABELS, buckets: SECONDS, registers };
    this.duration = {
      chat: new BulkHistogram({
        ...duration,
        name: METRICS.inferenceDuration,
        help: 'Time that calls of models took.',
      }),
      embeddings: new BulkHistogram({
        ...duration,
        name: METRICS.embeddingsDuration,
        help: 'Time that calls for embeddings took.',
      }),
    };
    this.timeToFirstChunk = new BulkHistogram({
      name: METRICS.timeToFirstChunk,
      help: 'Time from a streamed call of a model to its first chunk.',
      labelNames: CALL_LABELS,
      buckets: SECONDS,
      registers,
    });
    this.inputTokens = new BulkCounter({
      name: METRICS.inputTokens,
      help: 'Tokens that models have read.',
      labelNames: TOKEN_LABELS,
      registers,
    });
    this.outputTokens = new BulkCounter({
      name: METRICS.outputTokens,
      help: 'Tokens that models have written.',
      labelNames: TOKEN_LABELS,
      registers,
    });
    this.embeddingsInputTokens = new BulkHistogram({
      name: METRICS.embeddingsInputTokens,
      help: 'Tokens that calls for embeddings have read.',
      labelNames: CALL_LABELS,
      buckets: TOKENS,
      registers,
    });
    this.#retries = new Counter({
      name: 'gen_ai_client_retries_total',
      help: 'Calls of models that were made again, by what the one before had failed with.',
      labelNames: ['provider', 'model', 'reason'],
      registers,
    });
    this.#fallbacks = new Counter({
      name: 'provider_fallbacks_total',
      help: 'Calls of models that a later target of the chain was given, by that target.',
      labelNames: ['provider', 'model'],
      registers,
    });
  }

  /** To be made once for each target and operation: calls are many. */
  meters(operation: Operation, labels: TargetLabels, target: ModelTarget): CallMeters {
    return new CallMeters(this, operation, labels, target);
  }

  retried({ provider, model }: TargetLabels, reason: string): void {
    this.#retries.inc({ provider, model, reason });
  }

  fellBack({ provider, model }: TargetLabels): void {
    this.#fallbacks.inc({ provider, model });
  }

  /** Reads the states of the circuits whenever the metrics are read. */
  observeCircuits(read: () => Iterable<CircuitReading>): void {
    new Gauge<'provider' | 'model' | 'target'>({
      name: 'provider_circuit_state',
      help: 'Whether calls of a target are let through: 0 closed (they are), 1 half-open, 2 open.',
      labelNames: ['provider', 'model', 'target'],
      registers: [this.registry],
      collect() {
        // Behind "*" there are as many circuits as names that callers gave: the worst one shows.
        const worstLast = [...read()].sort((a, b) => severity(a) - severity(b));
        for (const reading of worstLast) {
          const { provider, model, target } = reading;
          this.set({ provider, model, target }, severity(reading));
        }
      },
    });
  }
}

function severity({ state }: CircuitReading): number {
  return CIRCUIT_STATES[state];
}
