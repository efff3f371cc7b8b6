import { Hono } from 'hono';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import { answerTaskList, taskListBody } from '../http/catalog-answers.js';
import { answerTask } from '../http/inference-answers.js';
import { access } from '../middleware/access.js';
import { work } from '../middleware/work.js';
import { send } from '../web/send.js';

/** A route for each task, with the task's own schema. */
export function taskRoutes(backend: Backend) {
  const app = new Hono<AppEnv>().get('/', access(backend), (c) =>
    send(c, answerTaskList(backend), taskListBody),
  );
  for (const task of backend.tasks.values()) {
    app.post(`/${task.name}`, access(backend), work(backend, task.input), async (c) =>
      send(c, await answerTask(backend, task, c.req.valid('json'), c.get('caller'))),
    );
  }
  return app;
}
