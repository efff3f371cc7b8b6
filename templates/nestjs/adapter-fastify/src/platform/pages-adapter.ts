import type { RequestListener } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** The platform of an application that does not listen itself. */
export function createPagesAdapter(): FastifyAdapter {
  return new FastifyAdapter({ skipMiddie: true });
}

/** @param adapter of an application that is initialized */
export async function listenerOf(adapter: FastifyAdapter): Promise<RequestListener> {
  const instance = adapter.getInstance();
  await instance.ready();
  return (request, response) => {
    instance.routing(request, response);
  };
}
