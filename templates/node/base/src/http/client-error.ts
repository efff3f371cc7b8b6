import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError } from '../errors.js';
import { isAnswering } from './exchange.js';
import { requestId } from './headers.js';
import { problemAnswer } from './problem.js';

/** Answers what Node's parser refuses before there is a request: headers that are too large, or no HTTP at all. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Amid an answer, another one would be taken for a part of it.
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const id = requestId(undefined);
  const { status, headers, body } = problemAnswer(toClientError(error), id);
  const lines = Object.entries({
    ...headers,
    'x-request-id': id,
    'content-length': String(Buffer.byteLength(body as string)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[status] ?? '';
  const answer = `HTTP/1.1 ${String(status)} ${reason}\r\n${lines.join('')}\r\n${body as string}`;
  socket.end(answer, () => socket.destroy());
}

function toClientError({ code }: NodeJS.ErrnoException): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ApiError({
      status: 431,
      code: 'headers_too_large',
      message: 'The headers are too large.',
    });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ApiError({
      status: 408,
      code: 'request_timeout',
      message: 'The request took too long to arrive.',
    });
  }
  return new ApiError({
    status: 400,
    code: 'invalid_request',
    message: 'This is not an HTTP request.',
  });
}
