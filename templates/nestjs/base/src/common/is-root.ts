import { PATH_METADATA } from '@nestjs/common/internal';

/**
 * Whether a route is its controller's root, which is there with and without a slash at its end.
 *
 * @param handler what Nest gives its platform for a route: a function with the metadata of the controller's method
 */
export function isRoot(handler: unknown): boolean {
  return typeof handler === 'function' && Reflect.getMetadata(PATH_METADATA, handler) === '/';
}
