import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import { ANYBODY } from '../access/principal.js';
import type { Caller } from '../http/caller.js';
import type { HttpAnswer } from '../http/http-answer.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request this is. */
    readonly caller: Caller;
  }
  interface FastifyReply {
    sendAnswer(answer: HttpAnswer): FastifyReply;
  }
}

/** Translates between Fastify's requests and replies, and the values that the backend works with. */
export const callerAndAnswerPlugin = fp(
  (app, _options, done) => {
    app.decorateRequest('caller');
    app.addHook('onRequest', (request, _reply, next) => {
      const { id: requestId, headers, exchange } = request;
      const { signal, span } = exchange;
      request.setDecorator('caller', { ...ANYBODY, requestId, headers, signal, span });
      next();
    });
    app.decorateReply('sendAnswer', function (this: FastifyReply, answer: HttpAnswer) {
      const { status, headers, body } = answer;
      return this.code(status)
        .headers(headers)
        .send(typeof body === 'string' ? body : toReadable(body));
    });
    done();
  },
  { name: 'caller-and-answer', dependencies: ['exchange'], fastify: '5.x' },
);

/** Reads one frame at a time, when the last one is on its way: what a client does not read is not produced. */
function toReadable(frames: AsyncIterable<string>): Readable {
  return Readable.from(frames, { objectMode: false, highWaterMark: 1 });
}
