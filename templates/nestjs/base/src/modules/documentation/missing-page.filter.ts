import {
  Catch,
  Inject,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { problemAnswer } from '../../http/problem.js';
import { notFound } from '../../http/request-errors.js';
import type { HttpRequest } from '../../common/http-request.js';

/** What the documentation does not have is answered as any other unknown route is. */
@Catch(NotFoundException)
export class MissingPageFilter implements ExceptionFilter<NotFoundException> {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  catch(_error: NotFoundException, context: ArgumentsHost): void {
    const http = context.switchToHttp();
    const { httpAdapter: adapter } = this.host;
    const { method, url } = http.getRequest<HttpRequest>();
    const response = http.getResponse<object>();
    // The application around this one has given it.
    const id = String(adapter.getHeader(response, 'x-request-id'));
    const { status, headers, body } = problemAnswer(notFound(method, url), id);
    for (const [name, value] of Object.entries(headers)) adapter.setHeader(response, name, value);
    adapter.reply(response, body, status);
  }
}
