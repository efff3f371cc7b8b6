import { Hono } from 'hono';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import {
  answerLiveness,
  answerMetrics,
  answerReadiness,
  healthBody,
} from '../http/health-answers.js';
import { send } from '../web/send.js';

/** What operators and their tools call. */
export function operationsRoutes(backend: Backend) {
  return new Hono<AppEnv>()
    .get('/livez', (c) => send(c, answerLiveness(), healthBody))
    .get('/readyz', async (c) => send(c, await answerReadiness(backend), healthBody))
    .get('/metrics', async (c) => send(c, await answerMetrics(backend)));
}
