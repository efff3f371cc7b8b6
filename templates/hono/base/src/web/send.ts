import type { TypedResponse } from 'hono';
import type { SuccessStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import type { AppContext } from '../env.js';
import type { Frames } from '../http/event-stream.js';
import type { HttpAnswer } from '../http/http-answer.js';
import { logStreamFailure } from '../http/log-stream-failure.js';
import { eventStreamBody } from './event-stream-body.js';

type Sent<Schema extends z.ZodType> = Response &
  TypedResponse<z.output<Schema>, SuccessStatusCode, 'json'>;

/**
 * Sends what the backend has answered. Not by `c.body`, which makes `Headers` of several headers: Node's server would
 * only take them apart again.
 *
 * @param schema of the answer's JSON, for clients that are typed by `AppType`
 */
export function send<Schema extends z.ZodType>(
  c: AppContext,
  answer: HttpAnswer,
  schema: Schema,
): Sent<Schema>;
export function send(c: AppContext, answer: HttpAnswer): Response;
export function send(c: AppContext, { status, headers: own, body }: HttpAnswer): Response {
  const headers: Record<string, string> = { 'x-request-id': c.get('requestId'), ...own };
  // Hono takes the body of an answer to HEAD away, and its length with it.
  if (c.req.method === 'HEAD' && typeof body === 'string') headers['content-length'] = size(body);
  const content = typeof body === 'string' ? body || null : streamFrames(c, body);
  return new Response(content, { status, headers });
}

function size(text: string): string {
  return String(new TextEncoder().encode(text).length);
}

function streamFrames(c: AppContext, frames: Frames): ReadableStream<Uint8Array> {
  return eventStreamBody(frames, {
    connection: c.env,
    onFailure(error) {
      logStreamFailure(error, c.get('logger'));
    },
  });
}
