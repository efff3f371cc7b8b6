import type { AbortSignalLike } from '../abort-signal.js';
import type { ChatChunk } from '../inference/chat-chunks.js';
import type { ChatCompletion, ChatRequest } from '../inference/chat-completion.js';
import type { EmbeddingList, EmbeddingRequest } from '../inference/embedding.js';
import type { Stream } from '../stream.js';
import type { ModelTarget } from '../models/model-catalog.js';
import type { TraceHeaders } from '../telemetry/tracing.js';

/** A JSON value with the text that it came as, so that it can be passed on without loss. */
export interface Json<Value> {
  readonly text: string;
  readonly value: Value;
}

export interface ProviderCall {
  readonly target: ModelTarget;
  /** Ends the call, also on the provider's side, where it would go on costing. */
  readonly signal: AbortSignalLike;
  /** When the first attempt of the call began, by `performance.now()`; not given where there is but one. */
  readonly startedAt?: number;
  /** Tell the provider of which trace the call is a part; not given where nobody traces. */
  readonly traceHeaders?: TraceHeaders | undefined;
}

/** A chunk of a stream. Its text and its value may be made when they are asked for. */
export interface StreamedChunk extends Json<ChatChunk> {
  /** What it adds to one choice; not given where it adds anything else to the chunk before it. */
  readonly words?: string;
  /** Of that choice. */
  readonly index?: number;
}

/** Chunks that came together. */
export type ChatChunks = readonly StreamedChunk[];

/**
 * A source of models, speaking the terms of OpenAI's API; a provider with terms of its own translates them.
 * All methods throw `UpstreamError`.
 */
export interface Provider {
  chat(request: ChatRequest, call: ProviderCall): Promise<Json<ChatCompletion>>;
  /** Ends normally only when the answer came whole; a stream that was cut throws. Its chunks come as they arrive. */
  chatStream(request: ChatRequest, call: ProviderCall): Stream<ChatChunks>;
  embed(request: EmbeddingRequest, call: ProviderCall): Promise<Json<EmbeddingList>>;
  /** Releases connections. */
  close(): Promise<void>;
}

/** Those that are called. */
export type Providers = Readonly<Partial<Record<ModelTarget['provider'], Provider>>>;
