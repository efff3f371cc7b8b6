import type { Router } from 'express';
import type { Backend } from '../../backend.js';
import { answerLiveness, answerMetrics, answerReadiness } from '../../http/health-answers.js';
import { allowMethods } from '../../middleware/allow-methods.js';
import { createRouter } from '../create-router.js';
import { sendAnswer } from '../send-answer.js';

/** What operators and their tools call. */
export function operationsRouter(backend: Backend): Router {
  const router = createRouter();

  router
    .route('/livez')
    .all(allowMethods('GET', 'HEAD'))
    .get((_request, response) => {
      sendAnswer(response, answerLiveness());
    });

  router
    .route('/readyz')
    .all(allowMethods('GET', 'HEAD'))
    .get(async (_request, response) => {
      sendAnswer(response, await answerReadiness(backend));
    });

  router
    .route('/metrics')
    .all(allowMethods('GET', 'HEAD'))
    .get(async (_request, response) => {
      sendAnswer(response, await answerMetrics(backend));
    });

  return router;
}
