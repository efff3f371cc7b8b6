import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { within } from '../expectations/timing.js';

/** A port where nothing listens: connections are refused at once. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface SilentPort {
  port: number;
  readonly close: () => Promise<void>;
}

// Listens, and then its thread stands still: nobody accepts.
const deafListener = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

/**
 * A port where connecting neither succeeds nor fails: its queue is full and nobody empties it. Undefined where the
 * operating system does not leave such connections waiting.
 */
export async function silentPort(): Promise<SilentPort | undefined> {
  const worker = new Worker(deafListener, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const sockets: Socket[] = [];
  const close = async () => {
    sockets.forEach((socket) => socket.destroy());
    await worker.terminate();
  };
  for (let attempt = 0; attempt < 16; attempt += 1) {
    const socket = connect({ host: '127.0.0.1', port }).on('error', () => undefined);
    sockets.push(socket);
    const connected = new Promise<'connected'>((resolve) =>
      socket.once('connect', () => {
        resolve('connected');
      }),
    );
    if ((await within(500, connected)) === 'late') return { port, close };
  }
  await close();
  return undefined;
}
