import type { FastifyPluginAsync } from 'fastify';
import { accessPlugin } from '../plugins/access.js';
import { inferenceRoutes } from './inference.js';
import { jobRoutes } from './jobs.js';
import { modelRoutes } from './models.js';
import { taskRoutes } from './tasks.js';

/** Everything for which a caller needs a key. */
export const apiRoutes: FastifyPluginAsync = async (app) => {
  await app.register(accessPlugin);
  await app.register(inferenceRoutes);
  await app.register(modelRoutes, { prefix: '/models' });
  await app.register(taskRoutes, { prefix: '/tasks' });
  await app.register(jobRoutes, { prefix: '/jobs' });
};
