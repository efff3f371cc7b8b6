import { request as startRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { EventStream } from './event-stream.js';

export type Headers = Readonly<Record<string, string>>;

/** A whole answer. */
export class Answer {
  readonly text: string;

  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly bytes: Buffer,
  ) {
    this.text = bytes.toString('utf8');
  }

  get json(): unknown {
    return JSON.parse(this.text) as unknown;
  }

  /** The body as a schema describes it; a failure shows the body. */
  as<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(this.isJson ? this.json : this.text);
    if (parsed.success) return parsed.data;
    throw new Error(
      `The answer (${String(this.status)}) is not what the contract says: ${parsed.error.message}\n${this.text}`,
    );
  }

  get isJson(): boolean {
    return /\bjson\b/u.test(this.headers['content-type'] ?? '');
  }

  /** A header that must stand. */
  header(name: string): string {
    const value = this.headers[name];
    if (typeof value !== 'string') throw new Error(`The answer has no header ${name}.`);
    return value;
  }
}

/** A request under way: its answer may be awaited, read piece by piece, or left. */
export interface Exchange {
  /** Resolves with the status line and the headers, before any body is read. */
  readonly answered: Promise<IncomingMessage>;
  /** Goes away as a client that closes its window does: the connection is destroyed. */
  readonly leave: () => void;
}

/** A plain HTTP client over node:http: one connection for each request, no retries, nothing decoded. */
export abstract class Client {
  abstract get baseUrl(): string;

  begin(
    method: string,
    path: string,
    options: { headers?: Headers; body?: string | Buffer | undefined } = {},
  ): Exchange {
    const url = new URL(this.baseUrl);
    const request = startRequest({
      host: url.hostname,
      port: url.port,
      // As it stands: URL would tidy up paths that are malformed on purpose.
      path,
      method,
      headers: { ...options.headers },
      agent: false,
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      // Kept for its whole life: a request that is left raises errors late.
      request.on('error', reject);
    });
    answered.catch(() => undefined);
    request.end(options.body);
    return { answered, leave: () => request.destroy() };
  }

  async send(
    method: string,
    path: string,
    options: { headers?: Headers; body?: string | Buffer | undefined } = {},
  ): Promise<Answer> {
    const message = await this.begin(method, path, options).answered;
    return readAnswer(message);
  }

  get(path: string, headers: Headers = {}): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  /** Posts JSON: a value is written as JSON, a string goes out as it stands. */
  post(path: string, body: unknown, headers: Headers = {}): Promise<Answer> {
    return this.send('POST', path, jsonRequest(body, headers));
  }

  /** Begins a POST of JSON. */
  beginPost(path: string, body: unknown, headers: Headers = {}): Exchange {
    return this.begin('POST', path, jsonRequest(body, headers));
  }

  /** Posts JSON and reads the answer as server-sent events. */
  async stream(path: string, body: unknown, headers: Headers = {}): Promise<EventStream> {
    return openStream(this.beginPost(path, body, headers));
  }

  /** Gets a stream of server-sent events. */
  async events(path: string, headers: Headers = {}): Promise<EventStream> {
    return openStream(this.begin('GET', path, { headers }));
  }
}

export async function readAnswer(message: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return new Answer(message.statusCode ?? 0, message.headers, Buffer.concat(pieces));
}

export function jsonRequest(
  body: unknown,
  headers: Headers = {},
): { headers: Headers; body: string } {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      ...headers,
    },
    body: text,
  };
}

async function openStream(exchange: Exchange): Promise<EventStream> {
  const message = await exchange.answered;
  const type = message.headers['content-type'] ?? 'no content type';
  if (message.statusCode !== 200 || !type.startsWith('text/event-stream')) {
    const answer = await readAnswer(message);
    throw new Error(
      `A stream was to begin; the answer was ${String(answer.status)}, ${type}:\n${answer.text}`,
    );
  }
  return new EventStream(message, exchange.leave);
}
