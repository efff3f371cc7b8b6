import type { Router } from 'express';
import type { Backend } from '../../backend.js';
import { answerChat, answerEmbedding } from '../../http/inference-answers.js';
import { chatRequest } from '../../inference/chat-completion.js';
import { embeddingRequest } from '../../inference/embedding.js';
import { acceptWork } from '../../middleware/accept-work.js';
import { allowMethods } from '../../middleware/allow-methods.js';
import { createRouter } from '../create-router.js';
import { parse } from '../parse.js';
import { sendAnswer } from '../send-answer.js';

/** The inference calls of OpenAI's API. */
export function inferenceRouter(backend: Backend): Router {
  const router = createRouter();
  const work = acceptWork(backend);

  router
    .route('/chat/completions')
    .all(allowMethods('POST'))
    .post(...work, async ({ body, caller }, response) => {
      const input = parse(chatRequest, body);
      sendAnswer(response, await answerChat(backend, input, caller));
    });

  router
    .route('/embeddings')
    .all(allowMethods('POST'))
    .post(...work, async ({ body, caller }, response) => {
      const input = parse(embeddingRequest, body);
      sendAnswer(response, await answerEmbedding(backend, input, caller));
    });

  return router;
}
