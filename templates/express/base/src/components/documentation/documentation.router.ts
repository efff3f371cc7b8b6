import type { Router } from 'express';
import type { Backend } from '../../backend.js';
import { jsonAnswer } from '../../http/http-answer.js';
import { allowMethods } from '../../middleware/allow-methods.js';
import type { OpenApiDocument } from '../../openapi/document.js';
import { service } from '../../service.js';
import { createRouter } from '../create-router.js';
import { sendAnswer } from '../send-answer.js';

/** The OpenAPI document, and `/docs`, its page. Both are made for the first who asks, since few processes ever are. */
export function documentationRouter(backend: Backend): Router {
  const router = createRouter();
  let document: Promise<OpenApiDocument> | undefined;
  let pages: Promise<Router> | undefined;

  router
    .route('/openapi.json')
    .all(allowMethods('GET', 'HEAD'))
    .get(async (_request, response) => {
      document ??= createDocument(backend);
      sendAnswer(response, jsonAnswer(200, JSON.stringify(await document)));
    });

  router.use('/docs', async (request, response, next) => {
    pages ??= createPages();
    (await pages)(request, response, next);
  });

  return router;
}

async function createDocument({ tasks }: Backend): Promise<OpenApiDocument> {
  const { createOpenApiDocument } = await import('../../openapi/document.js');
  return createOpenApiDocument(service, tasks.values());
}

async function createPages(): Promise<Router> {
  const { documentationPages } = await import('./documentation-pages.js');
  return documentationPages();
}
