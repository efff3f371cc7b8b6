import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { problemAnswer } from '../../http/problem.js';
import { notFound } from '../../http/request-errors.js';
import { handOver, type HttpResponse } from '../../platform/send-answer.js';

/** What the documentation does not have is answered as every unknown route is. */
@Catch(HttpException)
export class MissingPageFilter implements ExceptionFilter<HttpException> {
  catch(_error: HttpException, context: ArgumentsHost): void {
    const response = handOver(context.switchToHttp().getResponse<HttpResponse>());
    const { method = '', url = '' } = response.req;
    // The application around this one has given it. What else was set is said of pages.
    const id = String(response.getHeader('x-request-id'));
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    const { status, headers, body } = problemAnswer(notFound(method, url), id);
    const length = Buffer.byteLength(body as string);
    response.writeHead(status, { ...headers, 'x-request-id': id, 'content-length': length });
    response.end(body);
  }
}
