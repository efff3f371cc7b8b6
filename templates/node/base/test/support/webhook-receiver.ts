import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedMessage {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly ReceivedMessage[];
  close(): void;
}

/** Takes messages on a free port, and answers each with the next of the statuses, or with the last one. */
export async function startWebhookReceiver(
  statuses: readonly number[] = [204],
  headers: Record<string, string> = {},
): Promise<WebhookReceiver> {
  const received: ReceivedMessage[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const status = statuses[Math.min(received.length, statuses.length - 1)] ?? 204;
      received.push({ headers: request.headers, body });
      response.writeHead(status, headers).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/hook?secret=1`,
    port,
    received,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
