import type { Server } from 'node:http';

/** How long a request may take to arrive, its body included. */
export const REQUEST_TIMEOUT_MS = 120_000;

/** Longer than proxies keep a connection that is idle, so that they do not send a request into one that closes. */
export const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** How long answers that are on their way may take to arrive once all work is done. */
const LAST_BYTES_MS = 1_000;

export interface RunningServer {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Finishes what is in flight, then stops. */
  close(): Promise<void>;
}

/** For a server that is about to close, once all work is done: ends what is still open a moment later. */
export function endLateConnections(server: Server): void {
  setTimeout(() => {
    server.closeAllConnections();
  }, LAST_BYTES_MS).unref();
}
