import { connect, type Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { Client } from './client.js';

/** A TCP connection to the backend, for requests that no HTTP client would send. */
export class RawConnection {
  /** Everything received so far. */
  received = '';
  /** Resolves when the backend has closed the connection, or broken it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  constructor({ baseUrl }: Pick<Client, 'baseUrl'>) {
    // Without the brackets of an IPv6 address.
    const { hostname, port } = urlToHttpOptions(new URL(baseUrl));
    this.#socket = connect({ host: hostname ?? undefined, port: Number(port) });
    this.#socket.setEncoding('utf8').on('data', (text: string) => (this.received += text));
    // A backend may break a connection that sends nonsense; what counts is what it had said until then.
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      this.#socket.once('close', () => {
        resolve();
      }),
    );
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  leave(): void {
    this.#socket.destroy();
  }
}
