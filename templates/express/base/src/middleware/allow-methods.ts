import type { RequestHandler } from 'express';
import { methodNotAllowed } from '../http/request-errors.js';

/** Refuses all other methods that there are for a path, before their body is read. */
export function allowMethods(...methods: readonly string[]): RequestHandler {
  return ({ method }, _response, next) => {
    if (!methods.includes(method)) throw methodNotAllowed(methods);
    next();
  };
}
