import type { Response } from 'express';
import type { HttpAnswer } from '../http/http-answer.js';
import { logStreamFailure } from '../http/log-stream-failure.js';
import { sendEventStream } from '../http/send-event-stream.js';

/** Sends a value with which the backend answers, as it is: `response.send` would change its headers. */
export function sendAnswer(response: Response, { status, headers, body }: HttpAnswer): void {
  if (typeof body === 'string') {
    if (body !== '') response.setHeader('content-length', Buffer.byteLength(body));
    response.writeHead(status, headers).end(body);
    return;
  }
  response.writeHead(status, headers);
  const { exchange, log } = response.req;
  sendEventStream(exchange, body).catch((error: unknown) => {
    logStreamFailure(error, log);
  });
}
