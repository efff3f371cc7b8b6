import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { answerTaskList } from '../http/catalog-answers.js';
import { answerTask } from '../http/inference-answers.js';
import { takesOnWork } from './takes-on-work.js';

/** A route for each task, with the task's own schema. */
export const taskRoutes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { backend } = app;
  const preValidation = takesOnWork(backend.lifecycle);

  app.get('/', (_request, reply) => reply.sendAnswer(answerTaskList(backend)));

  for (const task of backend.tasks.values()) {
    app.post(
      `/${task.name}`,
      { preValidation, schema: { body: task.input } },
      async ({ body, caller }, reply) =>
        reply.sendAnswer(await answerTask(backend, task, body, caller)),
    );
  }
  done();
};
