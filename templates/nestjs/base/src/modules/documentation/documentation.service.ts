import { Inject, Injectable } from '@nestjs/common';
import type { RequestListener } from 'node:http';
import type { Backend } from '../../backend.js';
import type { OpenApiDocument } from '../../openapi/document.js';
import { service } from '../../service.js';
import { BACKEND } from '../backend/tokens.js';

/**
 * The OpenAPI document, and its pages. Both are made for the first who asks, since few processes are ever asked: they
 * would take a good part of the time to start.
 */
@Injectable()
export class Documentation {
  #document: Promise<OpenApiDocument> | undefined;
  #pages: Promise<RequestListener> | undefined;

  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  document(): Promise<OpenApiDocument> {
    return (this.#document ??= this.#createDocument());
  }

  pages(): Promise<RequestListener> {
    return (this.#pages ??= this.#createPages());
  }

  async #createDocument(): Promise<OpenApiDocument> {
    const { createOpenApiDocument } = await import('../../openapi/document.js');
    return createOpenApiDocument(service, this.backend.tasks.values());
  }

  async #createPages(): Promise<RequestListener> {
    const { createDocumentationPages } = await import('./documentation-pages.js');
    return createDocumentationPages(await this.document());
  }
}
