import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  answerJob,
  answerJobCancellation,
  answerJobEvents,
  answerJobList,
  answerJobRemoval,
  answerNewJob,
} from '../http/job-answers.js';
import { jobEventsQuery, jobListQuery, newJobBody } from '../http/job-schemas.js';
import { takesOnWork } from './takes-on-work.js';

const params = z.object({ id: z.string() });

export const jobRoutes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { backend } = app;
  const preValidation = takesOnWork(backend.lifecycle);

  app.post('/', { preValidation, schema: { body: newJobBody } }, async ({ body, caller }, reply) =>
    reply.sendAnswer(await answerNewJob(backend, body, caller)),
  );

  app.get('/', { schema: { querystring: jobListQuery } }, async ({ query, caller }, reply) =>
    reply.sendAnswer(await answerJobList(backend, query, caller)),
  );

  app.get('/:id', { schema: { params } }, async ({ params: { id }, caller }, reply) =>
    reply.sendAnswer(await answerJob(backend, id, caller)),
  );

  app.get(
    '/:id/events',
    // A HEAD would follow the job to its end, for nobody.
    { exposeHeadRoute: false, schema: { params, querystring: jobEventsQuery } },
    async ({ params: { id }, query: { after }, caller }, reply) =>
      reply.sendAnswer(await answerJobEvents(backend, id, after, caller)),
  );

  app.post('/:id/cancel', { schema: { params } }, async ({ params: { id }, caller }, reply) =>
    reply.sendAnswer(await answerJobCancellation(backend, id, caller)),
  );

  app.delete('/:id', { schema: { params } }, async ({ params: { id }, caller }, reply) =>
    reply.sendAnswer(await answerJobRemoval(backend, id, caller)),
  );
  done();
};
