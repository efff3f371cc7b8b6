import type { FastifyPluginCallback } from 'fastify';
import { answerLiveness, answerMetrics, answerReadiness } from '../http/health-answers.js';

/** What operators and their tools call. */
export const operationsRoutes: FastifyPluginCallback = (app, _options, done) => {
  const { backend } = app;

  app.get('/livez', (_request, reply) => reply.sendAnswer(answerLiveness()));
  app.get('/readyz', async (_request, reply) => reply.sendAnswer(await answerReadiness(backend)));
  app.get('/metrics', async (_request, reply) => reply.sendAnswer(await answerMetrics(backend)));
  app.get('/openapi.json', () => app.openApiDocument());
  done();
};
