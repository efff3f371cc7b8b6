import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Backend } from '../backend.js';
import { notFound } from '../http/request-errors.js';
import type { OpenApiDocument } from '../openapi/document.js';
import { service } from '../service.js';

type Page = Awaited<ReturnType<FastifyInstance['inject']>>;

declare module 'fastify' {
  interface FastifyInstance {
    /** What this service serves. */
    openApiDocument(): Promise<OpenApiDocument>;
  }
}

/**
 * `/docs`: the OpenAPI document as a page. Both are made for the first who asks, since few processes are ever asked: they
 * took a seventh of the time to start.
 */
export const documentationPlugin = fp(
  (app, _options, done) => {
    let document: Promise<OpenApiDocument> | undefined;
    let pages: Promise<FastifyInstance> | undefined;

    app.decorate('openApiDocument', () => (document ??= createDocument(app.backend)));

    const visit = async (request: FastifyRequest, reply: FastifyReply) => {
      pages ??= buildPages(app);
      const { url, headers } = request;
      const page = await (await pages).inject({ url, headers });
      if (page.statusCode === 404) throw notFound(request.method, request.url);
      return sendPage(page, reply);
    };
    app.get('/docs', visit);
    app.get('/docs/*', visit);
    done();
  },
  { name: 'documentation', dependencies: ['backend'], fastify: '5.x' },
);

function sendPage({ statusCode, headers, rawPayload }: Page, reply: FastifyReply): FastifyReply {
  // They are said of a connection, and this is another one.
  const { connection, date, ...told } = headers;
  // What has not changed is not sent, nor a length of nothing.
  return reply
    .code(statusCode)
    .headers(told)
    .send(rawPayload.length === 0 ? undefined : rawPayload);
}

async function createDocument({ tasks }: Backend): Promise<OpenApiDocument> {
  const { createOpenApiDocument } = await import('../openapi/document.js');
  return createOpenApiDocument(service, tasks.values());
}

async function buildPages(app: FastifyInstance): Promise<FastifyInstance> {
  const { buildDocumentationPages } = await import('./documentation-pages.js');
  return buildDocumentationPages(await app.openApiDocument());
}
