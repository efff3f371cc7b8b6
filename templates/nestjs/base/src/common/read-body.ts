import type { IncomingMessage } from 'node:http';
import { isEmpty } from '../http/keep-connection.js';
import { payloadTooLarge, unsupportedMediaType } from '../http/request-errors.js';

/**
 * The text of a request's body of JSON; undefined where there is none, and no type of one is named.
 *
 * @throws {ApiError} 413, 415
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<string | undefined> {
  const { 'content-type': type } = request.headers;
  if (type === undefined && isEmpty(request)) return undefined;
  if (type?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json')
    throw unsupportedMediaType();
  if (Number(request.headers['content-length']) > limit) throw payloadTooLarge();
  return readText(request, limit);
}

function readText(request: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // What comes after it is read, and dropped: a client that sends on can read the answer.
      if (length > limit) reject(payloadTooLarge());
      else chunks.push(chunk);
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks).toString());
    });
    request.on('error', reject);
  });
}
