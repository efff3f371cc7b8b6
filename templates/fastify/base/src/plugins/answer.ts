import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import type { Frames } from '../http/event-stream.js';
import type { HttpAnswer } from '../http/http-answer.js';
import { logStreamFailure } from '../http/log-stream-failure.js';
import { sendEventStream } from '../http/send-event-stream.js';

declare module 'fastify' {
  interface FastifyReply {
    sendAnswer(answer: HttpAnswer): FastifyReply;
  }
}

/** Sends the values with which the backend answers. */
export const answerPlugin = fp(
  (app, _options, done) => {
    app.decorateReply('sendAnswer', function (this: FastifyReply, answer: HttpAnswer) {
      const { status, headers, body } = answer;
      this.code(status).headers(headers);
      return typeof body === 'string' ? this.send(body) : sendStream(this, body);
    });
    done();
  },
  { name: 'answer', fastify: '5.x' },
);

/** Written to the response itself: what Fastify does for a stream, by way of `pipe`, would double the cost of a frame. */
function sendStream(reply: FastifyReply, frames: Frames): FastifyReply {
  reply.hijack();
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
  sendEventStream(reply.request.exchange, frames).catch((error: unknown) => {
    logStreamFailure(error, reply.log);
  });
  return reply;
}
