import type { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../env.js';
import { methodNotAllowed } from '../http/request-errors.js';

/** For a route that is read by GET alone; Hono would answer a HEAD by it, too. */
export const refuseHead = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.method === 'HEAD') throw methodNotAllowed(['GET']);
  await next();
});

/** Answers `405` where a path is known, but not with this method; Hono itself would answer `404`. */
export function refuseOtherMethods(app: Hono<AppEnv>): void {
  for (const [path, allowed] of listMethods(app)) {
    app.all(path, () => {
      throw methodNotAllowed([...allowed]);
    });
  }
}

/** By path. What is for all methods is middleware. */
function listMethods({ routes }: Hono<AppEnv>): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path, method } of routes.filter((route) => route.method !== 'ALL')) {
    const methods = found.get(path) ?? new Set();
    found.set(path, methods.add(method));
    const isHeadRefused = routes.some(
      (route) => route.path === path && route.handler === refuseHead,
    );
    if (method === 'GET' && !isHeadRefused) methods.add('HEAD');
  }
  return found;
}
