import type { RequestHandler } from 'express';
import type { Backend } from '../backend.js';

/** Lets callers in by their API key, before anything is read of what they send. */
export function authenticate({ apiKeys }: Backend): RequestHandler {
  return (request, _response, next) => {
    const { id: requestId, headers, exchange, socket } = request;
    const { tenant, key } = apiKeys.authenticate(headers.authorization, socket);
    request.caller = { tenant, key, requestId, exchange };
    next();
  };
}
