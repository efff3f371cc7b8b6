import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ApiError } from '../errors.js';
import type { CacheOutcome } from '../inference/inference.js';
import type { Usage } from '../inference/task.js';
import { JOB_STATES } from '../jobs/job.js';
import type { JobStore } from '../store/ports.js';

export type Operation = 'chat' | 'embeddings';

export interface CallLabels {
  readonly operation: Operation;
  readonly provider: string;
  /** An alias of `models.json`, never a caller's own text: labels must stay few. */
  readonly model: string;
}

/** Follows one call of a model. */
export interface CallMeter {
  /** To be told of each chunk; the first one is what counts. */
  chunk(): void;
  usage(usage: Usage): void;
  /** Only the first call counts. Without an error the call went well. */
  end(error?: unknown): void;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

const HTTP_LABELS = ['method', 'route', 'status'] as const;

// OpenTelemetry's conventions for generative AI, in Prometheus' spelling:
// https://github.com/open-telemetry/semantic-conventions-genai
const CALL_LABELS = [
  'gen_ai_operation_name',
  'gen_ai_provider_name',
  'gen_ai_request_model',
] as const;
const CALL_ENDED_LABELS = [...CALL_LABELS, 'error_type'] as const;

/** What this process counts, for Prometheus. */
export class Metrics {
  readonly registry = new Registry();

  readonly httpRequestDuration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: HTTP_LABELS,
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly cacheRequests = new Counter<'result'>({
    name: 'inference_cache_requests_total',
    help: 'Inferences by how they met the cache.',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly #callDuration = new Histogram({
    name: 'gen_ai_client_inference_duration_seconds',
    help: 'Time that calls of models took.',
    labelNames: CALL_ENDED_LABELS,
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly #timeToFirstChunk = new Histogram({
    name: 'gen_ai_client_inference_time_to_first_chunk_seconds',
    help: 'Time from a streamed call of a model to its first chunk.',
    labelNames: CALL_LABELS,
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly #inputTokens = new Counter({
    name: 'gen_ai_client_inference_usage_input_tokens_total',
    help: 'Tokens that models have read.',
    labelNames: CALL_LABELS,
    registers: [this.registry],
  });

  readonly #outputTokens = new Counter({
    name: 'gen_ai_client_inference_usage_output_tokens_total',
    help: 'Tokens that models have written.',
    labelNames: CALL_LABELS,
    registers: [this.registry],
  });

  constructor() {
    for (const result of ['hit', 'miss', 'collapsed', 'bypass'] satisfies CacheOutcome[]) {
      this.cacheRequests.inc({ result }, 0);
    }
  }

  /** Reads the number of jobs whenever the metrics are read. */
  observeJobs(store: JobStore): void {
    new Gauge<'status'>({
      name: 'jobs',
      help: 'Jobs that are stored, by status.',
      labelNames: ['status'],
      registers: [this.registry],
      async collect() {
        const counts = await store.countByStatus();
        for (const status of JOB_STATES) this.set({ status }, counts[status]);
      },
    });
  }

  startCall({ operation, provider, model }: CallLabels): CallMeter {
    const labels = {
      gen_ai_operation_name: operation,
      gen_ai_provider_name: provider,
      gen_ai_request_model: model,
    };
    const endCall = this.#callDuration.startTimer(labels);
    const endWait = this.#timeToFirstChunk.startTimer(labels);
    let hasChunk = false;
    let hasEnded = false;
    return {
      chunk: () => {
        if (!hasChunk) endWait();
        hasChunk = true;
      },
      usage: ({ prompt_tokens: input, completion_tokens: output }) => {
        this.#inputTokens.inc(labels, input);
        this.#outputTokens.inc(labels, output);
      },
      end: (error) => {
        if (!hasEnded) endCall({ error_type: errorLabel(error) });
        hasEnded = true;
      },
    };
  }
}

/** One of a few words: an error's own text would make a label of every failure. */
function errorLabel(error: unknown): string {
  if (error === undefined) return '';
  if (error instanceof ApiError) return error.status === 504 ? 'timeout' : String(error.status);
  return error instanceof Error ? error.name : 'aborted';
}
