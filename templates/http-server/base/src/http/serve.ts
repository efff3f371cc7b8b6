import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Backend } from '../backend.js';
import { answerClientError } from './client-error.js';
import { endLateConnections, type RunningServer } from './running-server.js';

/** Has a server listen where the configuration says. The backend ends with it. */
export async function serve(server: Server, backend: Backend): Promise<RunningServer> {
  const { HOST, PORT, PROVIDER } = backend.config;
  server.on('clientError', answerClientError);
  server.listen(PORT, HOST);
  await once(server, 'listening');
  const url = urlOf(server);
  backend.logger.info({ url, provider: PROVIDER }, 'listening');
  return {
    url,
    async close() {
      await backend.drain();
      endLateConnections(server);
      server.close();
      await once(server, 'close');
      await backend.close();
    },
  };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${String(port)}`;
}
