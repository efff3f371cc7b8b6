import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { answerChat, answerEmbedding } from '../http/inference-answers.js';
import { chatRequest } from '../inference/chat-completion.js';
import { embeddingRequest } from '../inference/embedding.js';
import { takesOnWork } from './takes-on-work.js';

/** The inference calls of OpenAI's API. */
export const inferenceRoutes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { backend } = app;
  const preValidation = takesOnWork(backend.lifecycle);

  app.post(
    '/chat/completions',
    { preValidation, schema: { body: chatRequest } },
    async ({ body, caller }, reply) => reply.sendAnswer(await answerChat(backend, body, caller)),
  );

  app.post(
    '/embeddings',
    { preValidation, schema: { body: embeddingRequest } },
    async ({ body, caller }, reply) =>
      reply.sendAnswer(await answerEmbedding(backend, body, caller)),
  );
  done();
};
