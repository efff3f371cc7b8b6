import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Backend } from '../backend.js';
import type { OpenApiDocument } from '../openapi/document.js';
import { service } from '../service.js';
import { notFound } from './errors.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** What this service serves, as an OpenAPI document. */
    describe(): Promise<OpenApiDocument>;
  }
}

/**
 * `/docs`: the OpenAPI document as a page. Both are made for the first who asks, since few processes are ever asked: to
 * make them took a fifth of every start.
 */
export const documentationPlugin = fp(
  (app, _options, done) => {
    let document: Promise<OpenApiDocument> | undefined;
    let pages: Promise<FastifyInstance> | undefined;

    app.decorate('describe', () => (document ??= describe(app.backend)));

    const visit = async (request: FastifyRequest, reply: FastifyReply) => {
      pages ??= buildPages(app);
      const { url, headers: asked } = request;
      const page = await (await pages).inject({ url, headers: asked });
      if (page.statusCode === 404) throw notFound(request);
      // They are said of a connection, and this is another one.
      const { connection, date, ...headers } = page.headers;
      return reply.code(page.statusCode).headers(headers).send(page.rawPayload);
    };
    app.get('/docs', visit);
    app.get('/docs/*', visit);
    done();
  },
  { name: 'documentation', dependencies: ['backend'], fastify: '5.x' },
);

async function describe({ tasks }: Backend): Promise<OpenApiDocument> {
  const { createOpenApiDocument } = await import('../openapi/document.js');
  return createOpenApiDocument(service, tasks.values());
}

async function buildPages(app: FastifyInstance): Promise<FastifyInstance> {
  const { buildDocumentation } = await import('../documentation.js');
  return buildDocumentation(await app.describe());
}
