import type { Request, RequestHandler } from 'express';
import { parseJsonBody } from '../http/json-body.js';
import { payloadTooLarge, unsupportedMediaType } from '../http/request-errors.js';

/**
 * Reads the body into `request.body`; null where there is none. It answers what is too large while it is on its way,
 * which `express.json()` would first receive to its end, and parses as this service does everywhere.
 */
export function readJson(limit: number): RequestHandler {
  return async (request, _response, next) => {
    request.body = isEmpty(request)
      ? null
      : parseJsonBody(await readText(request, limit), request.exchange);
    next();
  };
}

/** For routes that take no body: many clients name the type of a body where they send none. */
export function readOptionalJson(limit: number): RequestHandler {
  return async (request, _response, next) => {
    const text = isEmpty(request) ? '' : await readText(request, limit);
    if (text !== '') parseJsonBody(text, request.exchange);
    next();
  };
}

function isEmpty({ headers }: Request): boolean {
  return (
    headers['content-type'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    (headers['content-length'] ?? '0') === '0'
  );
}

async function readText(request: Request, limit: number): Promise<string> {
  const { 'content-type': type = '', 'content-length': length } = request.headers;
  if (!isJson(type)) throw unsupportedMediaType();
  if (Number(length) > limit) throw payloadTooLarge();
  return (await readBytes(request, limit)).toString();
}

function isJson(contentType: string): boolean {
  const [mediaType = ''] = contentType.split(';', 1);
  return mediaType.trim().toLowerCase() === 'application/json';
}

function readBytes(request: Request, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const collect = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) {
        chunks.push(chunk);
        return;
      }
      // What still comes is dropped.
      request.off('data', collect);
      chunks.length = 0;
      reject(payloadTooLarge());
    };
    request.on('data', collect);
    request.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}
