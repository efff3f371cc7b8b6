import fp from 'fastify-plugin';
import { invalidRequest } from '../errors.js';
import { hasLongNumber, isNestedTooDeeply, parseJson } from '../json.js';

/** Takes JSON alone, where Fastify would take plain text too, and keeps integers that a double would round. */
export const jsonBodyPlugin = fp(
  (app, _options, done) => {
    // Refuses what could reach a prototype.
    const parseSafely = app.getDefaultJsonParser('error', 'error');
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
        if (isNestedTooDeeply(text)) {
          parsed(invalidRequest('The request body is nested too deeply.'));
          return;
        }
        void parseSafely(request, text, (error, value) => {
          parsed(error, error === null && hasLongNumber(text) ? parseJson(text) : value);
        });
      },
    );
    done();
  },
  { name: 'json-body', fastify: '5.x' },
);
