import { Hono } from 'hono';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import { answerChat, answerEmbedding } from '../http/inference-answers.js';
import { chatRequest } from '../inference/chat-completion.js';
import { embeddingRequest } from '../inference/embedding.js';
import { access } from '../middleware/access.js';
import { work } from '../middleware/work.js';
import { send } from '../web/send.js';

/** The inference calls of OpenAI's API. */
export function inferenceRoutes(backend: Backend) {
  return new Hono<AppEnv>()
    .post('/chat/completions', access(backend), work(backend, chatRequest), async (c) =>
      send(c, await answerChat(backend, c.req.valid('json'), c.get('caller'))),
    )
    .post('/embeddings', access(backend), work(backend, embeddingRequest), async (c) =>
      send(c, await answerEmbedding(backend, c.req.valid('json'), c.get('caller'))),
    );
}
