import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { OpenApiDocument } from '../../openapi/document.js';
import { handOver, type HttpResponse } from '../../platform/send-answer.js';
import { Documentation } from './documentation.service.js';

@Controller()
export class DocumentationController {
  constructor(@Inject(Documentation) private readonly documentation: Documentation) {}

  @Get('openapi.json')
  document(): Promise<OpenApiDocument> {
    return this.documentation.document();
  }

  @Get(['docs', 'docs/*page'])
  async page(@Res() response: HttpResponse): Promise<void> {
    const answer = await this.documentation.pages();
    const raw = handOver(response);
    answer(raw.req, raw);
  }
}
