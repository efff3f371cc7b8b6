import fp from 'fastify-plugin';
import type { Backend } from '../backend.js';

declare module 'fastify' {
  interface FastifyInstance {
    readonly backend: Backend;
  }
}

interface BackendPluginOptions {
  readonly backend: Backend;
}

/** Gives routes the backend as `app.backend`, and closes it with the application. */
export const backendPlugin = fp<BackendPluginOptions>(
  (app, { backend }, done) => {
    app.decorate('backend', backend);
    app.addHook('onClose', () => backend.close());
    done();
  },
  { name: 'backend', fastify: '5.x' },
);
