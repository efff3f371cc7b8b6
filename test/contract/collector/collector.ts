import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { spansOfJson, spansOfProtobuf, type Span } from './spans.js';

/** A collector of OpenTelemetry's traces over OTLP/HTTP, in JSON or in protobuf, compressed or not. */
export class Collector {
  readonly spans: Span[] = [];
  /** Whoever asked for anything else. */
  readonly strays: string[] = [];
  /** All that was received, to look for what must not be in it. */
  received = '';
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#receive(request).then(() => {
        const type = request.headers['content-type'] ?? 'application/json';
        // An empty answer means in both formats that all is well.
        response.writeHead(200, { 'content-type': type }).end(type.includes('json') ? '{}' : '');
      });
    });
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  /** What the backend is given as `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get endpoint(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** The spans of a trace, once there are as many of a kind as are waited for. */
  async trace(traceId: string, ...kinds: Span['kind'][]): Promise<Span[]> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const spans = this.spans.filter((span) => span.traceId === traceId);
      const missing = kinds.filter((kind) => !spans.some((span) => span.kind === kind));
      if (missing.length === 0) return spans;
      if (performance.now() > deadline) {
        throw new Error(
          `The trace ${traceId} was to have spans of the kinds ${missing.join(', ')}; it has ${JSON.stringify(spans)}.`,
        );
      }
      await sleep(50);
    }
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const sent = Buffer.concat(pieces);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    this.received += body.toString('latin1');
    if (request.method !== 'POST' || request.url !== '/v1/traces') {
      this.strays.push(`${String(request.method)} ${String(request.url)}`);
      return;
    }
    const isJson = request.headers['content-type']?.includes('json') ?? false;
    this.spans.push(...(isJson ? spansOfJson(body.toString()) : spansOfProtobuf(body)));
  }
}
