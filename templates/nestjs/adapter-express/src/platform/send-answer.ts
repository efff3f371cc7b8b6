import type { ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { HttpAnswer } from '../http/http-answer.js';
import { sendEventStream } from '../http/send-event-stream.js';

/** What handlers and filters answer by. */
export type HttpResponse = Response;

/** Sends a value with which the backend answers, as it is: `response.send` would change its headers. */
export function sendAnswer(response: Response, { status, headers, body }: HttpAnswer): void {
  if (typeof body === 'string') {
    if (body !== '') response.setHeader('content-length', Buffer.byteLength(body));
    response.writeHead(status, headers).end(body);
    return;
  }
  response.writeHead(status, headers);
  sendEventStream(response, body).catch((error: unknown) => {
    response.req.log.error({ err: error }, 'stream failed');
  });
}

/** Gives the response away, to be answered by somebody else. It has the headers that were set so far. */
export function handOver(response: Response): ServerResponse {
  return response;
}
