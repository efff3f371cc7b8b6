import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.js';

/** Notes the URL of every route that is added from now on. */
export function trackUrls(app: FastifyInstance): ReadonlySet<string> {
  const urls = new Set<string>();
  app.addHook('onRoute', ({ url }) => {
    urls.add(url);
  });
  return urls;
}

/** Answers `405` where a path is known, but not with this method; Fastify itself would answer `404`. */
export function refuseOtherMethods(app: FastifyInstance, urls: ReadonlySet<string>): void {
  for (const url of [...urls]) {
    const isRouted = (method: string) => app.hasRoute({ url, method });
    const allow = app.supportedMethods.filter(isRouted).sort().join(', ');
    app.route({
      url,
      method: app.supportedMethods.filter((method) => !isRouted(method)),
      // Before the body is read: whatever it is, the method is wrong.
      onRequest: (_request, _reply, next) => {
        next(methodNotAllowed(allow));
      },
      handler: () => undefined,
    });
  }
}

function methodNotAllowed(allow: string): ApiError {
  return new ApiError({
    status: 405,
    code: 'method_not_allowed',
    message: `This method is not allowed here. Allowed: ${allow}.`,
    headers: { allow },
  });
}
