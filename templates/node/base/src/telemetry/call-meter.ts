import type { Usage } from '../inference/task.js';
import type { ModelTarget } from '../models/model-catalog.js';
import { UpstreamError } from '../providers/upstream-error.js';
import { ATTRIBUTES, UNKNOWN_MODALITY, type Operation } from './gen-ai-conventions.js';
import type { ModelCallMetrics, TargetLabels } from './model-call-metrics.js';
import { errorType, type Attributes, type Span, type TraceHeaders } from './tracing.js';

/** What is told of an answer, or of a part of it. */
export interface AnswerTraits {
  readonly model?: unknown;
  readonly choices?: readonly { readonly finish_reason?: string | null | undefined }[];
}

/** Makes the meters of one target's calls. */
export class CallMeters {
  readonly labels;
  /** The labels of a call that went well. */
  readonly endedLabels;
  readonly tokenLabels;
  readonly spanName;
  readonly spanAttributes: Attributes;

  constructor(
    readonly metrics: ModelCallMetrics,
    readonly operation: Operation,
    { provider, model }: TargetLabels,
    target: Pick<ModelTarget, 'provider' | 'model' | 'baseUrl'>,
  ) {
    this.labels = {
      gen_ai_operation_name: operation,
      gen_ai_provider_name: provider,
      gen_ai_request_model: model,
    };
    this.endedLabels = { ...this.labels, error_type: '' };
    this.tokenLabels = { ...this.labels, ...UNKNOWN_MODALITY };
    this.spanName = `${operation} ${model}`;
    this.spanAttributes = {
      [ATTRIBUTES.operation]: operation,
      [ATTRIBUTES.provider]: provider,
      [ATTRIBUTES.requestModel]: target.model,
      ...serverAttributes(target),
    };
  }

  /** @param parent of whom the call is made for, where it is traced */
  start(parent: Span | null): CallMeter {
    const { spanName, spanAttributes } = this;
    return new CallMeter(this, parent?.startChild('client', spanName, spanAttributes) ?? null);
  }
}

/** Follows one call of a model, in the metrics and in a trace. */
export class CallMeter {
  readonly startedAt = performance.now();
  readonly #finishReasons: string[] = [];
  #model: string | undefined;
  #hasChunk = false;
  #hasEnded = false;

  constructor(
    private readonly meters: CallMeters,
    private readonly span: Span | null,
  ) {}

  get traceHeaders(): TraceHeaders | undefined {
    return this.span?.headers;
  }

  /** To be told of each chunk. Its value is looked at only where somebody traces. */
  chunk(chunk: { readonly value: AnswerTraits }): void {
    if (!this.#hasChunk) this.#firstChunk();
    if (this.span !== null) this.answer(chunk.value);
  }

  /** To be told of the answer. */
  answer({ model, choices = [] }: AnswerTraits): void {
    if (this.span === null) return;
    if (typeof model === 'string') this.#model = model;
    for (const { finish_reason: reason } of choices)
      if (reason != null) this.#finishReasons.push(reason);
  }

  usage({ prompt_tokens: input, completion_tokens: output }: Usage): void {
    const { metrics, operation, labels, tokenLabels } = this.meters;
    if (operation === 'embeddings') {
      metrics.embeddingsInputTokens.observe(labels, input);
    } else {
      metrics.inputTokens.inc(tokenLabels, input);
      metrics.outputTokens.inc(tokenLabels, output);
    }
    this.span?.setAttributes({
      [ATTRIBUTES.inputTokens]: input,
      [ATTRIBUTES.outputTokens]: output,
    });
  }

  /** Only the first call counts. Without an error the call went well. */
  end(error?: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { metrics, operation, labels, endedLabels } = this.meters;
    const failure = error === undefined ? undefined : failureType(error);
    const ended = failure === undefined ? endedLabels : { ...labels, error_type: failure };
    metrics.duration[operation].observe(ended, this.#seconds());
    if (this.span !== null) this.#endSpan(this.span, failure);
  }

  #firstChunk(): void {
    this.#hasChunk = true;
    const { metrics, labels } = this.meters;
    const seconds = this.#seconds();
    metrics.timeToFirstChunk.observe(labels, seconds);
    this.span?.setAttributes({
      [ATTRIBUTES.requestStream]: true,
      [ATTRIBUTES.timeToFirstChunk]: seconds,
    });
  }

  #endSpan(span: Span, failure: string | undefined): void {
    if (this.#model !== undefined) span.setAttributes({ [ATTRIBUTES.responseModel]: this.#model });
    if (this.#finishReasons.length > 0)
      span.setAttributes({ [ATTRIBUTES.finishReasons]: this.#finishReasons });
    span.end(failure);
  }

  #seconds(): number {
    return (performance.now() - this.startedAt) / 1_000;
  }
}

/** The mock is called at no address. */
function serverAttributes({ provider, baseUrl }: Pick<ModelTarget, 'provider' | 'baseUrl'>) {
  if (provider === 'mock') return {};
  const { hostname, port, protocol } = new URL(baseUrl);
  return {
    [ATTRIBUTES.serverAddress]: hostname,
    [ATTRIBUTES.serverPort]: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}

/** One of a few words: an error's own text would make a label of every failure. */
function failureType(error: unknown): string {
  if (error instanceof UpstreamError) return error.kind;
  return error instanceof Error ? errorType(error) : 'aborted';
}
