import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * Hands connections to the processes of a backend in turn, as a load balancer does that knows nothing of HTTP: bytes go
 * through as they are, broken connections included.
 */
export class RoundRobin {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #targets: readonly string[];
  #next = 0;

  private constructor(targets: readonly string[]) {
    this.#targets = targets;
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      this.#connect(client);
    });
  }

  static async start(targets: readonly string[]): Promise<RoundRobin> {
    const balancer = new RoundRobin(targets);
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Sends new connections to these from now on; those that are open stay. */
  balance(targets: readonly string[]): void {
    this.#targets = targets;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #connect(client: Socket): void {
    const { hostname, port } = new URL(this.#targets[this.#next++ % this.#targets.length] ?? '');
    const backend = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    this.#keep(client, backend);
    client.pipe(backend);
    backend.pipe(client);
    // Whoever leaves is gone for the other side, too; but what the backend had said still arrives.
    client.on('close', () => backend.destroy());
    backend.on('close', () => {
      client.destroySoon();
    });
  }

  #keep(...sockets: Socket[]): void {
    for (const socket of sockets) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // A broken connection is passed on by closing the other one.
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    }
  }
}
