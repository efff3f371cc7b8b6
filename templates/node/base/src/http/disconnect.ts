import type { ServerResponse } from 'node:http';

/**
 * A signal that aborts when the client goes away before its answer is complete. The response tells: a request's own
 * `close` comes as soon as its body is read.
 */
export function abortOnDisconnect(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished)
      controller.abort(new DOMException('The client left', 'AbortError'));
  });
  return controller.signal;
}
