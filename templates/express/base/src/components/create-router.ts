import { Router } from 'express';

/** A router that takes paths as strictly as the application does, which routers do not inherit. */
export function createRouter(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use((request, _response, next) => {
    request.mountPath = request.baseUrl;
    next();
  });
  return router;
}
