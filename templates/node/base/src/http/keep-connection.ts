import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Who answers amid an upload and closes the connection takes the answer with it: what still comes makes the system
 * reset the connection. Where it is kept, Node reads the rest and drops it.
 */
export function keepConnectionAmidUpload(response: ServerResponse): void {
  const { req: request } = response;
  if (!request.readableEnded && !isEmpty(request)) response.shouldKeepAlive = true;
}

/** Whether a request says of itself that it has no body. */
export function isEmpty({ headers }: IncomingMessage): boolean {
  return (headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined;
}
