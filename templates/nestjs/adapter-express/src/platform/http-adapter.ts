import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type RequestHandler, type Response } from 'express';
import type { Backend } from '../backend.js';
import { isGetOnly } from '../common/get-only.decorator.js';
import { isHttpAnswer } from '../common/is-http-answer.js';
import { answerClientError } from '../http/client-error.js';
import { KEEP_ALIVE_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from '../http/running-server.js';
import { createAppServer } from './app-server.js';
import { completeRoutes } from './complete-routes.js';
import { normalizeUrl } from './normalize-url.js';
import { createRequestHook } from './request-hook.js';
import { sendAnswer } from './send-answer.js';

/** Express, with what this service wants of it that Nest has no word for. */
export class HttpAdapter extends ExpressAdapter {
  readonly #express: Express;

  constructor(backend: Backend) {
    const app = createExpress();
    super(app);
    this.#express = app;
    app.use(normalizeUrl);
    this.setOnRequestHook(createRequestHook(backend));
  }

  override initHttpServer(): void {
    const timeouts = {
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    };
    this.httpServer = createAppServer(this.#express, timeouts);
    this.httpServer.on('clientError', answerClientError);
  }

  /** Sends the values with which the backend answers, too. */
  override reply(response: Response, body: unknown, status?: number): void {
    if (isHttpAnswer(body)) sendAnswer(response, body);
    else super.reply(response, body, status);
  }

  /** Express answers HEAD wherever it answers GET. */
  override get(...route: unknown[]): void {
    const [path, handler] = route as [string, RequestHandler];
    this.#express.get(path, ...(isGetOnly(handler) ? [passOnHead, handler] : [handler]));
  }

  /** The last that Nest does with routes: by then there are all. */
  override setNotFoundHandler(handler: RequestHandler): void {
    completeRoutes(this.#express);
    super.setNotFoundHandler(handler);
  }
}

/** With its settings, which have no effect once something is mounted. */
function createExpress(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  return app;
}

const passOnHead: RequestHandler = ({ method }, _response, next) => {
  if (method === 'HEAD') next('route');
  else next();
};
