import express, { type Express } from 'express';
import type { Backend } from './backend.js';
import { documentationRouter } from './components/documentation/documentation.router.js';
import { inferenceRouter } from './components/inference/inference.router.js';
import { jobsRouter } from './components/jobs/jobs.router.js';
import { modelsRouter } from './components/models/models.router.js';
import { operationsRouter } from './components/operations/operations.router.js';
import { tasksRouter } from './components/tasks/tasks.router.js';
import { notFound } from './http/request-errors.js';
import { beginExchange } from './middleware/begin-exchange.js';
import { handleError } from './middleware/handle-error.js';
import { normalizeUrl } from './middleware/normalize-url.js';

/** The application, without a server: it neither listens nor closes the backend. */
export function createApp(backend: Backend): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');

  app.use(beginExchange(backend));
  app.use(normalizeUrl);

  app.use('/v1', inferenceRouter(backend));
  app.use('/v1/models', modelsRouter(backend));
  app.use('/v1/tasks', tasksRouter(backend));
  app.use('/v1/jobs', jobsRouter(backend));
  app.use(operationsRouter(backend));
  app.use(documentationRouter(backend));

  app.use(({ method, originalUrl }) => {
    throw notFound(method, originalUrl);
  });
  app.use(handleError);
  return app;
}
