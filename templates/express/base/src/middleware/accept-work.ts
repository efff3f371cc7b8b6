import type { RequestHandler } from 'express';
import type { Backend } from '../backend.js';
import { authenticate } from './authenticate.js';
import { readJson } from './read-json.js';
import { takeOnWork } from './take-on-work.js';

/** What comes before the handler of a request that makes work: who sends it, what it says, and whether there is time. */
export function acceptWork(backend: Backend): RequestHandler[] {
  return [authenticate(backend), readJson(backend.config.BODY_LIMIT_BYTES), takeOnWork(backend)];
}
