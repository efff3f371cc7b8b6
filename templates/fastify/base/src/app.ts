import { maxHeaderSize } from 'node:http';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Backend } from './backend.js';
import { answerClientError } from './http/client-error.js';
import { requestId } from './http/headers.js';
import { KEEP_ALIVE_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './http/running-server.js';
import { answerPlugin } from './plugins/answer.js';
import { backendPlugin } from './plugins/backend.js';
import { documentationPlugin } from './plugins/documentation.js';
import { answerBadUrl, errorsPlugin } from './plugins/errors.js';
import { exchangePlugin } from './plugins/exchange.js';
import { jsonBodyPlugin } from './plugins/json-body.js';
import { refuseOtherMethods, supportAllMethods, trackUrls } from './plugins/method-not-allowed.js';
import { requestLogPlugin } from './plugins/request-log.js';
import { apiRoutes } from './routes/api.js';
import { operationsRoutes } from './routes/operations.js';

/** The application, ready to listen or to be injected into. It closes the backend when it is closed. */
export async function buildApp(backend: Backend): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = backend.logger;
  const app = fastify({
    loggerInstance,
    // One line a request is written by a plugin, with the route's template in the place of the URL.
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'request_id',
    }),
    bodyLimit: backend.config.BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // Names of models are parameters, and may be long; Node's own limit of a request's head is the bound.
    routerOptions: { maxParamLength: maxHeaderSize },
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      answerBadUrl(error, request, reply, backend);
    },
    // Those of connections that are still open while it closes are answered as all others are.
    return503OnClosing: false,
    // Where they are missing, Fastify loads Ajv and fast-json-stringify, which took an eighth of the time to start.
    schemaController: { compilersFactory: { buildValidator: replaced, buildSerializer: replaced } },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  supportAllMethods(app);
  const urls = trackUrls(app);

  await app.register(backendPlugin, { backend });
  await app.register(exchangePlugin);
  await app.register(requestLogPlugin);
  await app.register(errorsPlugin);
  await app.register(jsonBodyPlugin);
  await app.register(answerPlugin);
  await app.register(documentationPlugin);

  await app.register(operationsRoutes);
  await app.register(apiRoutes, { prefix: '/v1' });

  refuseOtherMethods(app, urls);
  return app;
}

/** Stands for what makes Fastify's own compilers of schemas: zod's are set before any is asked for. */
function replaced(): never {
  throw new Error('Schemas are compiled by zod.');
}
