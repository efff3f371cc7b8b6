import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { ApiError } from '../errors.js';
import type { Usage } from '../inference/task.js';
import { SECONDS } from './duration-buckets.js';

export type Operation = 'chat' | 'embeddings';

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

const CIRCUIT_STATES = { closed: 0, 'half-open': 1, open: 2 };

// OpenTelemetry's conventions for generative AI, in Prometheus' spelling:
// https://github.com/open-telemetry/semantic-conventions-genai
const CALL_LABELS = [
  'gen_ai_operation_name',
  'gen_ai_provider_name',
  'gen_ai_request_model',
] as const;
const CALL_ENDED_LABELS = [...CALL_LABELS, 'error_type'] as const;

type CallLabels = Readonly<Record<(typeof CALL_LABELS)[number], string>>;

/** What this process counts of its calls of models. */
export class ModelCallMetrics {
  readonly duration;
  readonly timeToFirstChunk;
  readonly inputTokens;
  readonly outputTokens;
  readonly #retries;
  readonly #fallbacks;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.duration = new Histogram({
      name: 'gen_ai_client_inference_duration_seconds',
      help: 'Time that calls of models took.',
      labelNames: CALL_ENDED_LABELS,
      buckets: SECONDS,
      registers,
    });
    this.timeToFirstChunk = new Histogram({
      name: 'gen_ai_client_inference_time_to_first_chunk_seconds',
      help: 'Time from a streamed call of a model to its first chunk.',
      labelNames: CALL_LABELS,
      buckets: SECONDS,
      registers,
    });
    this.inputTokens = new Counter({
      name: 'gen_ai_client_inference_usage_input_tokens_total',
      help: 'Tokens that models have read.',
      labelNames: CALL_LABELS,
      registers,
    });
    this.outputTokens = new Counter({
      name: 'gen_ai_client_inference_usage_output_tokens_total',
      help: 'Tokens that models have written.',
      labelNames: CALL_LABELS,
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
  meters(operation: Operation, { provider, model }: TargetLabels): CallMeters {
    return new CallMeters(this, {
      gen_ai_operation_name: operation,
      gen_ai_provider_name: provider,
      gen_ai_request_model: model,
    });
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

/** Makes the meters of one target's calls. */
export class CallMeters {
  /** The labels of a call that went well. */
  readonly endedLabels;

  constructor(
    readonly metrics: ModelCallMetrics,
    readonly labels: CallLabels,
  ) {
    this.endedLabels = { ...labels, error_type: '' };
  }

  start(): CallMeter {
    return new CallMeter(this);
  }
}

/** Follows one call of a model. */
export class CallMeter {
  readonly startedAt = performance.now();
  #hasChunk = false;
  #hasEnded = false;

  constructor(private readonly meters: CallMeters) {}

  /** To be told of each chunk; the first one is what counts. */
  chunk(): void {
    if (this.#hasChunk) return;
    this.#hasChunk = true;
    const { metrics, labels } = this.meters;
    metrics.timeToFirstChunk.observe(labels, this.#seconds());
  }

  usage({ prompt_tokens: input, completion_tokens: output }: Usage): void {
    const { metrics, labels } = this.meters;
    metrics.inputTokens.inc(labels, input);
    metrics.outputTokens.inc(labels, output);
  }

  /** Only the first call counts. Without an error the call went well. */
  end(error?: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { metrics, labels, endedLabels } = this.meters;
    const ended = error === undefined ? endedLabels : { ...labels, error_type: errorLabel(error) };
    metrics.duration.observe(ended, this.#seconds());
  }

  #seconds(): number {
    return (performance.now() - this.startedAt) / 1_000;
  }
}

function severity({ state }: CircuitReading): number {
  return CIRCUIT_STATES[state];
}

/** One of a few words: an error's own text would make a label of every failure. */
function errorLabel(error: unknown): string {
  if (error instanceof ApiError) return error.status === 504 ? 'timeout' : String(error.status);
  return error instanceof Error ? error.name : 'aborted';
}
