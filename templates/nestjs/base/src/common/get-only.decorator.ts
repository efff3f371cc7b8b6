import { SetMetadata } from '@nestjs/common';

const GET_ONLY = 'get-only';

/** Keeps a route of GET from answering HEAD too. */
export const GetOnly = () => SetMetadata(GET_ONLY, true);

/** @param handler what Nest gives its platform for a route: a function with the metadata of the controller's method */
export function isGetOnly(handler: unknown): boolean {
  return typeof handler === 'function' && Reflect.getMetadata(GET_ONLY, handler) === true;
}
