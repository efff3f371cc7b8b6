import type OpenAI from 'openai';
import type { ClientOptions } from 'openai';
import type { Client } from './client.js';

const nodeMajor = Number(process.versions.node.split('.')[0]);

/** The official package: the newest release that the running Node can load. */
export const sdk = (await (nodeMajor >= 22
  ? import('openai-7')
  : import('openai'))) as unknown as typeof import('openai');

/** The package's helper that turns a zod schema into a `response_format`. */
export const { zodResponseFormat } = (await (nodeMajor >= 22
  ? import('openai-7/helpers/zod')
  : import('openai/helpers/zod'))) as unknown as typeof import('openai/helpers/zod');

/** An OpenAI client for the backend. It does not retry, unless told otherwise. */
export function openai(backend: Client, options: ClientOptions = {}): OpenAI {
  return new sdk.OpenAI({
    baseURL: `${backend.baseUrl}/v1`,
    apiKey: 'sk-contract-client-key',
    maxRetries: 0,
    timeout: 30_000,
    ...options,
  });
}

/** The error that a call of the SDK ends with. */
export async function apiErrorOf(
  call: Promise<unknown>,
): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await call;
  } catch (error) {
    if (error instanceof sdk.APIError) return error;
    throw error;
  }
  throw new Error('The SDK was to throw; it took the answer for a success.');
}
