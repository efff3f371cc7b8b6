import { json } from 'node:stream/consumers';

/** By method and path: from a request to a body, with a status unless it is 200. */
export const routes = {
  'POST /echo': async (request) => {
    try {
      return { body: await json(request) };
    } catch {
      return { status: 400, body: { error: 'That is not JSON.' } };
    }
  },
};
