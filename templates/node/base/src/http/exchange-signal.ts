import type { ServerResponse } from 'node:http';
import type { Lifecycle } from '../lifecycle.js';

/**
 * A signal that aborts when the client goes away before its answer is complete, or when the server stops. The response
 * tells of the client: a request's own `close` comes as soon as its body is read.
 */
export function exchangeSignal(response: ServerResponse, lifecycle: Lifecycle): AbortSignal {
  const controller = new AbortController();
  const detach = lifecycle.attach(controller);
  response.once('close', () => {
    detach();
    if (!response.writableFinished) {
      controller.abort(new DOMException('The client has left.', 'AbortError'));
    }
  });
  return controller.signal;
}
