import type { Router } from 'express';
import type { Backend } from '../../backend.js';
import { answerModel, answerModelList } from '../../http/catalog-answers.js';
import { allowMethods } from '../../middleware/allow-methods.js';
import { authenticate } from '../../middleware/authenticate.js';
import { createRouter } from '../create-router.js';
import { sendAnswer } from '../send-answer.js';

export function modelsRouter(backend: Backend): Router {
  const router = createRouter();
  const authenticated = authenticate(backend);

  router
    .route('/')
    .all(allowMethods('GET', 'HEAD'), authenticated)
    .get((_request, response) => {
      sendAnswer(response, answerModelList(backend));
    });

  router
    .route('/:id')
    .all(allowMethods('GET', 'HEAD'), authenticated)
    .get(({ params: { id } }, response) => {
      sendAnswer(response, answerModel(backend, id));
    });

  return router;
}
