import { Hono, type MiddlewareHandler } from 'hono';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import { jsonAnswer } from '../http/http-answer.js';
import { service } from '../service.js';
import { send } from '../web/send.js';

/**
 * The OpenAPI document, and a page that shows it. They are made for the first who asks, since few processes are ever
 * asked.
 */
export function documentationRoutes({ tasks }: Backend) {
  let document: Promise<string> | undefined;
  let assets: Promise<MiddlewareHandler> | undefined;

  const createDocument = async () => {
    const { createOpenApiDocument } = await import('../openapi/document.js');
    return JSON.stringify(createOpenApiDocument(service, tasks.values()));
  };

  // What the page loads, each by its path: a pattern would rule out Hono's quickest router. The package's own page loads
  // from other hosts.
  const serveAsset: MiddlewareHandler<AppEnv> = async (c, next) => {
    c.header('x-request-id', c.get('requestId'));
    const serve = await (assets ??= createAssets());
    return serve(c, next);
  };

  return new Hono<AppEnv>()
    .get('/openapi.json', async (c) =>
      send(c, jsonAnswer(200, await (document ??= createDocument()))),
    )
    .get('/docs', async (c) => {
      const { documentationPage, documentationHeaders } = await loadPage();
      const headers = { 'content-type': 'text/html; charset=utf-8', ...documentationHeaders };
      return send(c, { status: 200, headers, body: documentationPage });
    })
    .get('/docs/start.js', async (c) => {
      const { documentationScript } = await loadPage();
      const headers = { 'content-type': 'text/javascript; charset=utf-8' };
      return send(c, { status: 200, headers, body: documentationScript });
    })
    .get('/docs/swagger-ui.css', serveAsset)
    .get('/docs/swagger-ui-bundle.js', serveAsset);
}

const loadPage = () => import('../http/documentation-page.js');

async function createAssets(): Promise<MiddlewareHandler> {
  const { serveStatic } = await import('@hono/node-server/serve-static');
  const { documentationAssets: root } = await loadPage();
  return serveStatic({ root, rewriteRequestPath: (path) => path.replace('/docs', '') });
}
