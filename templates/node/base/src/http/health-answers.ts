import { z } from 'zod';
import type { Backend } from '../backend.js';
import { ApiError } from '../errors.js';
import { jsonAnswer, type HttpAnswer } from './http-answer.js';

export const healthBody = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

const OK = JSON.stringify({ status: 'ok' } satisfies z.input<typeof healthBody>);

/** The process lives; what it depends on is not asked. */
export function answerLiveness(): HttpAnswer {
  return jsonAnswer(200, OK);
}

/** @throws {ApiError} 503, naming what stands in the way */
export async function answerReadiness(backend: Backend): Promise<HttpAnswer> {
  const hindrances = backend.lifecycle.isDraining ? ['draining'] : await backend.unreachable();
  if (hindrances.length === 0) return jsonAnswer(200, OK);
  const names = hindrances.join(', ');
  throw new ApiError({
    status: 503,
    code: 'not_ready',
    message: `Not ready: ${names}.`,
    param: names,
    headers: { 'retry-after': '1' },
  });
}

export async function answerMetrics({ metrics: { registry } }: Backend): Promise<HttpAnswer> {
  const body = await registry.metrics();
  return { status: 200, headers: { 'content-type': registry.contentType }, body };
}
