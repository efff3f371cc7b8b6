import type { Context } from 'hono';
import type { Caller } from './http/caller.js';
import type { Exchange } from './http/exchange.js';
import type { Logger } from './telemetry/logger.js';

/** What is known of a request beside what it says. Node's `Exchange` is one; any other runtime may have its own. */
export type RequestBindings = Pick<
  Exchange,
  | 'method'
  | 'url'
  | 'headers'
  | 'connection'
  | 'signal'
  | 'span'
  | 'bodyText'
  | 'startedAt'
  | 'status'
  | 'isComplete'
  | 'onEnd'
  | 'keepAmidUpload'
  | 'limitStandstill'
  | 'breakOff'
>;

export interface AppEnv {
  Bindings: RequestBindings;
  Variables: {
    requestId: string;
    /** Bound to the request's id. */
    logger: Logger;
  };
}

/** As much of the context as all routes have. */
export type AppContext = Pick<Context<AppEnv>, 'env' | 'req' | 'get'>;

/** Where callers have shown who they are. */
export interface ApiEnv extends AppEnv {
  Variables: AppEnv['Variables'] & { caller: Caller };
}
