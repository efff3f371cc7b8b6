import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answerModel, answerModelList } from '../http/catalog-answers.js';

export const modelRoutes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { backend } = app;

  app.get('/', (_request, reply) => reply.sendAnswer(answerModelList(backend)));

  app.get('/:id', { schema: { params: z.object({ id: z.string() }) } }, ({ params }, reply) =>
    reply.sendAnswer(answerModel(backend, params.id)),
  );
  done();
};
