import type { AppContext } from '../env.js';
import { parseJsonBody } from '../http/json-body.js';
import { payloadTooLarge, unsupportedMediaType } from '../http/request-errors.js';

/**
 * The value of a request's JSON body; null where there is no body.
 *
 * @param limit in bytes
 * @throws {ApiError} 400, 413, 415
 */
export async function readJsonBody(c: AppContext, limit: number): Promise<unknown> {
  const text = await readBody(c, limit);
  return text === undefined ? null : parseJsonBody(text, c.env);
}

/**
 * Reads a body that nobody wants. It has to be JSON all the same; but many clients name its type where they send none.
 *
 * @throws {ApiError} 400, 413, 415
 */
export async function readUnwantedBody(c: AppContext, limit: number): Promise<void> {
  const text = await readBody(c, limit);
  if (text !== undefined && text !== '') parseJsonBody(text, c.env);
}

function readBody(c: AppContext, limit: number): Promise<string> | undefined {
  const {
    'content-type': type,
    'content-length': length = '0',
    'transfer-encoding': encoding,
  } = c.env.headers;
  if (type === undefined && length === '0' && encoding === undefined) return undefined;
  if (type === undefined || !isJson(type)) throw unsupportedMediaType();
  if (Number(length) > limit) throw payloadTooLarge();
  return encoding === undefined ? c.req.text() : readChunks(c.req.raw.body, limit);
}

function isJson(type: string): boolean {
  return type === 'application/json' || /^\s*application\/json\s*(?:;|$)/i.test(type);
}

/** For a body that does not say beforehand how long it is. */
async function readChunks(body: ReadableStream<Uint8Array> | null, limit: number): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > limit) {
      void discard(reader);
      throw payloadTooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** To leave the rest unread, or to cancel it, would break the connection, and with it the answer. */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client has left.
  }
}
