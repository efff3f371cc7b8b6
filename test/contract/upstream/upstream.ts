import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PeerLeft, UpstreamCall } from './call.js';
import { answersPlausibly } from './scripts.js';
import { Scene, type Script } from './scene.js';

/**
 * A scripted server, the only host that the backend under test ever talks to: its provider (OpenAI-compatible, unless a
 * script is Anthropic's), and the receiver of its webhooks.
 */
export class Upstream {
  /** Every call, in the order of arrival, of whichever scene. */
  readonly calls: UpstreamCall[] = [];
  readonly #scenes: Scene[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** Registers what shall happen to calls that carry the scene's model name. Needs no running server. */
  scene(...scripts: [Script, ...Script[]]): Scene {
    const scene = new Scene(scripts);
    this.#scenes.push(scene);
    return scene;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** What the backend is given as `PROVIDER_BASE_URL`: Anthropic's own API has its base without a version. */
  get baseUrl(): string {
    return `${this.origin}/v1`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const rawBody = await readBody(request);
    if (rawBody === undefined) return;
    const call = new UpstreamCall(request, response, rawBody);
    this.calls.push(call);
    const scene =
      this.#scenes.find(({ model }) => call.path.includes(model)) ??
      this.#scenes.find(({ model }) => rawBody.includes(model));
    const script = scene?.scriptFor(call) ?? answersPlausibly();
    try {
      await script(call);
    } catch (error) {
      if (!(error instanceof PeerLeft)) throw error;
    }
  }
}

/** The whole body, or undefined when the backend left while sending it. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) pieces.push(piece as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(pieces).toString('utf8');
}
