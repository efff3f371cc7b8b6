import type { Router } from 'express';
import type { Backend } from '../../backend.js';
import { answerTaskList } from '../../http/catalog-answers.js';
import { answerTask } from '../../http/inference-answers.js';
import { parseInput } from '../../inference/task.js';
import { acceptWork } from '../../middleware/accept-work.js';
import { allowMethods } from '../../middleware/allow-methods.js';
import { authenticate } from '../../middleware/authenticate.js';
import { createRouter } from '../create-router.js';
import { sendAnswer } from '../send-answer.js';

/** A route for each task. */
export function tasksRouter(backend: Backend): Router {
  const router = createRouter();
  const work = acceptWork(backend);

  router
    .route('/')
    .all(allowMethods('GET', 'HEAD'))
    .get(authenticate(backend), (_request, response) => {
      sendAnswer(response, answerTaskList(backend));
    });

  for (const task of backend.tasks.values()) {
    router
      .route(`/${task.name}`)
      .all(allowMethods('POST'))
      .post(...work, async ({ body, caller }, response) => {
        const input = parseInput(task, body);
        sendAnswer(response, await answerTask(backend, task, input, caller));
      });
  }
  return router;
}
