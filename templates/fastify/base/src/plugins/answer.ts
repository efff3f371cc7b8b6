import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
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
      return this.code(status)
        .headers(headers)
        .send(typeof body === 'string' ? body : toReadable(body));
    });
    done();
  },
  { name: 'answer', fastify: '5.x' },
);

/** Reads one frame at a time, when the last one is on its way: what a client does not read is not produced. */
function toReadable(frames: AsyncIterable<string>): Readable {
  return Readable.from(frames, { objectMode: false, highWaterMark: 1 });
}
