import type { RequestListener } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';

/** The platform of an application that does not listen itself. */
export function createPagesAdapter(): ExpressAdapter {
  return new ExpressAdapter();
}

/** @param adapter of an application that is initialized */
export function listenerOf(adapter: ExpressAdapter): RequestListener {
  return adapter.getInstance<RequestListener>();
}
