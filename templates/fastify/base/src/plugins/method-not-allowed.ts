import { METHODS } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { methodNotAllowed } from '../http/request-errors.js';

/** Notes the URL of every route that is added from now on. */
export function trackUrls(app: FastifyInstance): ReadonlySet<string> {
  const urls = new Set<string>();
  app.addHook('onRoute', ({ url }) => {
    urls.add(url);
  });
  return urls;
}

/** Has routes for all methods that Node reads: those that Fastify does not know have none at all, and are answered `404`. */
export function supportAllMethods(app: FastifyInstance): void {
  const known = new Set(app.supportedMethods);
  for (const method of METHODS) if (!known.has(method)) app.addHttpMethod(method);
}

/** Answers `405` where a path is known, but not with this method; Fastify itself would answer `404`. */
export function refuseOtherMethods(app: FastifyInstance, urls: ReadonlySet<string>): void {
  for (const url of [...urls]) {
    const isRouted = (method: string) => app.hasRoute({ url, method });
    const allowed = app.supportedMethods.filter(isRouted);
    app.route({
      url,
      method: app.supportedMethods.filter((method) => !isRouted(method)),
      // Before the body is read: whatever it is, the method is wrong.
      onRequest: (_request, _reply, next) => {
        next(methodNotAllowed(allowed));
      },
      handler: () => undefined,
    });
  }
}
