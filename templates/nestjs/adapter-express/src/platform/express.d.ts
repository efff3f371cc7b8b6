import type { Caller } from '../http/caller.js';
import type { Exchange } from '../http/exchange.js';
import type { Logger } from '../telemetry/logger.js';

declare global {
  namespace Express {
    /** What a request has besides, once it has begun: see http-request.ts. */
    interface Request {
      id: string;
      log: Pick<Logger, 'info' | 'error'>;
      exchange: Exchange;
      caller: Caller;
    }
  }
}
