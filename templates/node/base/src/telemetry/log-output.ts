import { destination } from 'pino';

const MAX_DELAY_MS = 100;
const MAX_LINES = 32;

/**
 * Standard output. Lines are written together: to write each took a twentieth of the CPU time of a proxied request.
 * They come at most a moment late, and a process that ends, also one that fails, writes what is left.
 */
class LogOutput {
  readonly #output = destination({ sync: true });
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  write(line: string): void {
    this.#timer ??= setTimeout(this.#flushInTime, MAX_DELAY_MS).unref();
    if (this.#lines.push(line) === MAX_LINES) this.flushSync();
  }

  /** Pino calls it after a fatal line. */
  readonly flushSync = (): void => {
    if (this.#lines.length === 0) return;
    this.#output.write(this.#lines.join(''));
    this.#lines = [];
  };

  readonly #flushInTime = (): void => {
    this.#timer = undefined;
    this.flushSync();
  };
}

export const logOutput = new LogOutput();

process.on('exit', logOutput.flushSync);
