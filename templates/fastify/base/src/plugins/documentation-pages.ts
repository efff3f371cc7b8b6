import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance } from 'fastify';
import type { OpenApiDocument } from '../openapi/document.js';

/** Everything comes from here. Swagger UI styles its elements as it draws them. */
const CONTENT_SECURITY_POLICY = {
  'default-src': "'self'",
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'base-uri': "'none'",
  'object-src': "'none'",
  'frame-ancestors': "'none'",
};

/** An application of its own, which shows the document at `/docs` with all that the page loads. */
export async function buildDocumentationPages(document: OpenApiDocument): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(swagger, { mode: 'static', specification: { document } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CONTENT_SECURITY_POLICY,
    // The badge of a validator on another host.
    uiConfig: { validatorUrl: null },
  });
  return app;
}
