import { Hono } from 'hono';
import type { ApplyGlobalResponse } from 'hono/client';
import type { Backend } from './backend.js';
import type { AppEnv } from './env.js';
import { refuseOtherMethods } from './middleware/method-not-allowed.js';
import { refuseBadUrls } from './middleware/bad-urls.js';
import { requestLog } from './middleware/request-log.js';
import { answerError, answerNotFound, throwErrors, type ProblemResponses } from './problems.js';
import { documentationRoutes } from './routes/documentation.js';
import { inferenceRoutes } from './routes/inference.js';
import { jobRoutes } from './routes/jobs.js';
import { modelRoutes } from './routes/models.js';
import { operationsRoutes } from './routes/operations.js';
import { taskRoutes } from './routes/tasks.js';
import { getPath } from './web/request-path.js';

/** What clients are typed by: `hc<AppType>(url)`. */
export type AppType = ApplyGlobalResponse<ReturnType<typeof createApp>, ProblemResponses>;

/** The application, for any server that gives it Web requests with what `RequestBindings` wants. */
export function createApp(backend: Backend) {
  const app = new Hono<AppEnv>({ getPath });
  app.onError(answerError);
  app.notFound(answerNotFound);
  app.use(requestLog(backend), throwErrors, refuseBadUrls);

  const routes = app
    .route('/', operationsRoutes(backend))
    .route('/', documentationRoutes(backend))
    .route('/v1', inferenceRoutes(backend))
    .route('/v1/models', modelRoutes(backend))
    .route('/v1/tasks', taskRoutes(backend))
    .route('/v1/jobs', jobRoutes(backend));

  refuseOtherMethods(app);
  return routes;
}
