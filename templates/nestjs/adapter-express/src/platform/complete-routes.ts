import type { Express, IRoute } from 'express';
import { isGetOnly } from '../common/get-only.decorator.js';
import { isRoot } from '../common/is-root.js';
import { methodNotAllowed } from '../http/request-errors.js';

/**
 * Adds what belongs to the routes that there are: roots of controllers with a slash at their end, and `405` where a path
 * is known, but not with this method; Express itself would answer `404`.
 */
export function completeRoutes(app: Express): void {
  for (const route of listRoutes(app)) addSlash(app, route);
  const allowed = new Map<string, Set<string>>();
  for (const route of listRoutes(app)) {
    const methods = allowed.get(route.path) ?? new Set();
    for (const method of methodsOf(route)) methods.add(method);
    allowed.set(route.path, methods);
  }
  for (const [path, methods] of allowed)
    app.all(path, () => {
      throw methodNotAllowed([...methods]);
    });
}

function listRoutes({ router }: Express): IRoute[] {
  return router.stack.flatMap(({ route }) => route ?? []);
}

function addSlash(app: Express, { path, stack }: IRoute): void {
  const root = stack.filter(({ handle }) => isRoot(handle));
  for (const { method, handle } of root) app.route(`${path}/`)[method as 'get' | 'post'](handle);
}

function methodsOf({ stack }: IRoute): string[] {
  const methods = stack.map(({ method }) => method.toUpperCase());
  const servesHead = methods.includes('GET') && !stack.some(({ handle }) => isGetOnly(handle));
  return servesHead ? [...methods, 'HEAD'] : methods;
}
