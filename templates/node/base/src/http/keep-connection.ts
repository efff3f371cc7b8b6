import type { ServerResponse } from 'node:http';

/**
 * Who answers amid an upload and closes the connection takes the answer with it: what still comes makes the system
 * reset the connection. Where it is kept, Node reads the rest and drops it.
 */
export function keepConnectionAmidUpload(response: ServerResponse): void {
  const { complete, headers } = response.req;
  const isEmpty =
    (headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined;
  if (!complete && !isEmpty) response.shouldKeepAlive = true;
}
