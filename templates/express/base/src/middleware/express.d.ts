import type { Caller } from '../http/caller.js';
import type { Exchange } from '../http/exchange.js';
import type { Logger } from '../telemetry/logger.js';

declare global {
  namespace Express {
    /** What middleware adds to requests. */
    interface Request {
      /** The caller's own where it is well formed; goes out as `x-request-id`. */
      id: string;
      /** Tells when the request is over, also when its client has left. */
      exchange: Exchange;
      /** Names the request in every line. */
      log: Pick<Logger, 'info' | 'error'>;
      /** Where the router is mounted that was entered last. `baseUrl` forgets it on the way to the error handler. */
      mountPath?: string;
      /** Whose request this is, once `authenticate` has let it in. */
      caller: Caller;
    }
  }
}
