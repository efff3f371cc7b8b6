import { Cancelled } from '../errors.js';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Turns a signal into a rejection that travels the ordinary way of errors. Writing is synchronous and so is never cut
 * in the middle; whoever waits for something else (a prompt, a child process) races it against `signalled`.
 */
export interface Interrupt {
  /** Rejects with Cancelled on the first signal. */
  readonly signalled: Promise<never>;
  /** Lets signals that arrived during synchronous work be seen; throws Cancelled if there was one. */
  checkpoint(): Promise<void>;
}

export function listenForInterrupt(): Interrupt {
  const { promise, reject } = withRejecter();
  for (const [signal, exitCode] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      reject(new Cancelled(undefined, exitCode));
    });
  }
  return {
    signalled: promise,
    checkpoint: () => Promise.race([promise, new Promise<void>(afterPoll)]),
  };
}

/** Signals are delivered in the poll phase of the event loop; two turns of `setImmediate` have one in between. */
function afterPoll(resolve: () => void): void {
  setImmediate(() => setImmediate(resolve));
}

function withRejecter(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_resolve, rejecter) => {
    reject = rejecter;
  });
  promise.catch(() => undefined); // nobody may be waiting when a signal arrives
  return { promise, reject };
}
