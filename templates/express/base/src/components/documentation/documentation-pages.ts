import express, { type Router } from 'express';
import {
  documentationAssets,
  documentationHeaders,
  documentationPage,
  documentationScript,
} from '../../http/documentation-page.js';
import { allowMethods } from '../../middleware/allow-methods.js';
import { createRouter } from '../create-router.js';

/** The page that shows the OpenAPI document, with all that it loads. */
export function documentationPages(): Router {
  const router = createRouter();

  router
    .route('/')
    .all(allowMethods('GET', 'HEAD'))
    .get((_request, response) => {
      response.set(documentationHeaders).type('html').send(documentationPage);
    });

  router
    .route('/start.js')
    .all(allowMethods('GET', 'HEAD'))
    .get((_request, response) => {
      response.type('js').send(documentationScript);
    });

  // Not all of the package: its own page loads from other hosts.
  for (const path of ['/swagger-ui.css', '/swagger-ui-bundle.js']) {
    router
      .route(path)
      .all(allowMethods('GET', 'HEAD'))
      .get(express.static(documentationAssets, { acceptRanges: false }));
  }

  return router;
}
