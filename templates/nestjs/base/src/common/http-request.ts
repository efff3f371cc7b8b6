import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../http/caller.js';
import type { Exchange } from '../http/exchange.js';
import type { RoutedRequest } from '../platform/route.js';
import type { Logger } from '../telemetry/logger.js';

/** A request as guards, pipes and filters see it, whatever the platform. */
export interface HttpRequest extends RoutedRequest {
  readonly id: string;
  readonly method: string;
  /** As it was sent. */
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  /** Bound to the request's id. */
  readonly log: Pick<Logger, 'error'>;
  /** Tells when the request is over, also when its client has left. */
  readonly exchange: Exchange;
  /** Whose request this is, once a guard has found out. */
  caller: Caller;
  body: unknown;
}
