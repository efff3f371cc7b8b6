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

  write(line: string): void {
    const count = this.#lines.push(line);
    if (count === 1) setTimeout(this.flushSync, MAX_DELAY_MS).unref();
    if (count === MAX_LINES) this.flushSync();
  }

  /** Pino calls it after a fatal line. */
  readonly flushSync = (): void => {
    if (this.#lines.length === 0) return;
    this.#output.write(this.#lines.join(''));
    this.#lines = [];
  };
}

export const logOutput = new LogOutput();

process.on('exit', logOutput.flushSync);
