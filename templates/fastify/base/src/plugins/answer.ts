import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import { EventStreamBody, STALLED_MS } from '../http/event-stream-body.js';
import type { HttpAnswer } from '../http/http-answer.js';

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

function sendStream(reply: FastifyReply, frames: AsyncGenerator<string, void>): FastifyReply {
  reply.raw.setTimeout(STALLED_MS, () => {
    reply.raw.destroy();
  });
  return reply.send(new EventStreamBody(frames));
}
