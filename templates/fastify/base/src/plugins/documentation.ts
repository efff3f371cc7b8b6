import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fp from 'fastify-plugin';
import { createOpenApiDocument } from '../openapi/document.js';
import { service } from '../service.js';

/** Everything comes from here. Swagger UI styles its elements as it draws them. */
const CONTENT_SECURITY_POLICY = {
  'default-src': "'self'",
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'base-uri': "'none'",
  'object-src': "'none'",
  'frame-ancestors': "'none'",
};

/** `/docs`: the OpenAPI document as a page, with all that it loads. */
export const documentationPlugin = fp(
  async (app) => {
    const document = createOpenApiDocument(service, app.backend.tasks.values());
    await app.register(swagger, { mode: 'static', specification: { document } });
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: CONTENT_SECURITY_POLICY,
      // The badge of a validator on another host.
      uiConfig: { validatorUrl: null },
    });
  },
  { name: 'documentation', dependencies: ['backend'], fastify: '5.x' },
);
