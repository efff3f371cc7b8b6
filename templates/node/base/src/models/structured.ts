import { z } from 'zod';
import { ApiError } from '../errors.js';
import type { ChatRequest } from '../inference/chat-completion.js';
import type { ModelClient } from './model-client.js';

export interface StructuredRequest<Output extends z.ZodType> extends ChatRequest {
  readonly output: Output;
  /** What the model is told that it fills in: letters, digits, `_` and `-`. */
  readonly outputName: string;
}

/**
 * Asks a model for an answer of a given schema (OpenAI's structured outputs), and checks that it is.
 *
 * @throws {ApiError} 502 when the model refuses, or answers anything else
 */
export async function completeStructured<Output extends z.ZodType>(
  models: ModelClient,
  { output, outputName, ...request }: StructuredRequest<Output>,
): Promise<z.output<Output>> {
  const { value: completion } = await models.chat({
    ...request,
    response_format: {
      type: 'json_schema',
      json_schema: { name: outputName, strict: true, schema: z.toJSONSchema(output) },
    },
  });
  const message = completion.choices[0]?.message;
  if (message?.refusal != null) throw unusableAnswer('The model refused to answer.');
  return parseAnswer(output, message?.content ?? '');
}

function parseAnswer<Output extends z.ZodType>(output: Output, content: string): z.output<Output> {
  try {
    return output.parse(JSON.parse(content));
  } catch (error) {
    throw unusableAnswer('The model answered something other than what was asked for.', error);
  }
}

function unusableAnswer(message: string, cause?: unknown): ApiError {
  return new ApiError({ status: 502, code: 'upstream_error', message, cause });
}
