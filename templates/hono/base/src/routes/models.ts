import { Hono } from 'hono';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import { answerModel, answerModelList, modelBody, modelListBody } from '../http/catalog-answers.js';
import { access } from '../middleware/access.js';
import { send } from '../web/send.js';

export function modelRoutes(backend: Backend) {
  return new Hono<AppEnv>()
    .get('/', access(backend), (c) => send(c, answerModelList(backend), modelListBody))
    .get('/:id', access(backend), (c) =>
      send(c, answerModel(backend, c.req.param('id')), modelBody),
    );
}
