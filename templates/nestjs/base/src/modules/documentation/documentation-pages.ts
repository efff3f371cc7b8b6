import type { RequestListener } from 'node:http';
import { Module, type NestApplicationOptions } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { SwaggerModule } from '@nestjs/swagger';
import type { OpenApiDocument } from '../../openapi/document.js';
import { createPagesAdapter, listenerOf } from '../../platform/pages-adapter.js';
import { MissingPageFilter } from './missing-page.filter.js';

@Module({ providers: [{ provide: APP_FILTER, useClass: MissingPageFilter }] })
class DocumentationPagesModule {}

/** An application of its own, which shows the document at `/docs` with all that the page loads. */
export async function createDocumentationPages(
  document: OpenApiDocument,
): Promise<RequestListener> {
  const adapter = createPagesAdapter();
  const options: Partial<NestApplicationOptions> = { abortOnError: false };
  const app = await NestFactory.create(DocumentationPagesModule, adapter, options);
  app.useSecurityHeaders({
    // Not this process's to promise: the proxy in front of it has the certificate.
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      // Everything comes from here. Swagger UI styles its elements as it draws them.
      directives: {
        'default-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'base-uri': ["'none'"],
        'object-src': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
  });
  SwaggerModule.setup('docs', app, document, {
    raw: false,
    customSiteTitle: document.info.title,
    // The badge of a validator on another host.
    swaggerOptions: { validatorUrl: null },
  });
  await app.init();
  return listenerOf(adapter);
}
