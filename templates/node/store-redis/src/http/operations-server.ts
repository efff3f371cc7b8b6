import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Backend } from '../backend.js';
import { toApiError } from '../errors.js';
import { answerLiveness, answerMetrics, answerReadiness } from './health-answers.js';
import { requestId } from './headers.js';
import type { HttpAnswer } from './http-answer.js';
import { problemAnswer } from './problem.js';
import { methodNotAllowed, notFound } from './request-errors.js';

type Answer = (backend: Backend) => HttpAnswer | Promise<HttpAnswer>;

const ROUTES: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['/livez', answerLiveness],
  ['/readyz', answerReadiness],
  ['/metrics', answerMetrics],
]);

const METHODS = ['GET', 'HEAD'];

/** What operators and their tools call, for a process that serves nothing else. */
export function createOperationsServer(backend: Backend): Server {
  return createServer((request, response) => {
    const id = requestId(request.headers['x-request-id']);
    void answer(backend, request)
      .catch((error: unknown) => problemAnswer(toApiError(error), id))
      .then(({ status, headers, body }) => {
        response.writeHead(status, { 'x-request-id': id, ...headers });
        response.end(request.method === 'HEAD' ? undefined : body);
      });
  });
}

async function answer(backend: Backend, request: IncomingMessage): Promise<HttpAnswer> {
  const { method = '', url = '' } = request;
  const path = url.split('?', 1)[0] ?? '';
  const route = ROUTES.get(path);
  if (route === undefined) throw notFound(method, url);
  if (!METHODS.includes(method)) throw methodNotAllowed(METHODS);
  return route(backend);
}
