// OpenTelemetry's conventions for generative AI are young and change: whatever they name is named here.
// https://github.com/open-telemetry/semantic-conventions-genai

export type Operation = 'chat' | 'embeddings';

/** Attributes of spans. */
export const ATTRIBUTES = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  serverAddress: 'server.address',
  serverPort: 'server.port',
} as const;

/** Metrics and their labels, in Prometheus' spelling. */
export const METRICS = {
  inferenceDuration: 'gen_ai_client_inference_duration_seconds',
  timeToFirstChunk: 'gen_ai_client_inference_time_to_first_chunk_seconds',
  inputTokens: 'gen_ai_client_inference_usage_input_tokens_total',
  outputTokens: 'gen_ai_client_inference_usage_output_tokens_total',
  embeddingsDuration: 'gen_ai_client_embeddings_duration_seconds',
  embeddingsInputTokens: 'gen_ai_client_embeddings_operation_input_tokens',
} as const;

export const CALL_LABELS = [
  'gen_ai_operation_name',
  'gen_ai_provider_name',
  'gen_ai_request_model',
] as const;
export const CALL_ENDED_LABELS = [...CALL_LABELS, 'error_type'] as const;
export const TOKEN_LABELS = [...CALL_LABELS, 'gen_ai_token_modality'] as const;

/** What providers say of tokens is not told apart by text, images and sound. */
export const UNKNOWN_MODALITY = { gen_ai_token_modality: 'unknown' } as const;
