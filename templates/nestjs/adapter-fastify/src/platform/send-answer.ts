import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Frames } from '../http/event-stream.js';
import type { HttpAnswer } from '../http/http-answer.js';
import { logStreamFailure } from '../http/log-stream-failure.js';
import { sendEventStream } from '../http/send-event-stream.js';

/** What handlers and filters answer by. */
export type HttpResponse = FastifyReply;

/** Sends a value with which the backend answers. */
export function sendAnswer(
  reply: FastifyReply,
  { status, headers, body }: HttpAnswer,
): FastifyReply {
  reply.code(status).headers(headers);
  return typeof body === 'string' ? reply.send(body) : sendStream(reply, body);
}

/** Written to the response itself: what Fastify does for a stream, by way of `pipe`, would double the cost of a frame. */
function sendStream(reply: FastifyReply, frames: Frames): FastifyReply {
  reply.hijack();
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
  sendEventStream(reply.request.exchange, frames).catch((error: unknown) => {
    logStreamFailure(error, reply.log);
  });
  return reply;
}

/** Gives the response away, to be answered by somebody else. It has the headers that were set so far. */
export function handOver(reply: FastifyReply): ServerResponse {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  return reply.raw;
}
