import fp from 'fastify-plugin';
import { parseJsonBody } from '../http/json-body.js';

/** Takes JSON alone, where Fastify would take plain text too. */
export const jsonBodyPlugin = fp(
  (app, _options, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser<string>(
      'application/json',
      { parseAs: 'string' },
      (request, text, parsed) => {
        // Many clients name the type of a body where they send none, and none is wanted.
        if (text === '' && request.routeOptions.schema?.body === undefined) {
          parsed(null, undefined);
          return;
        }
        try {
          parsed(null, parseJsonBody(text, request.exchange));
        } catch (error) {
          parsed(error as Error);
        }
      },
    );
    done();
  },
  { name: 'json-body', fastify: '5.x' },
);
