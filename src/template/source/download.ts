import { TemplateError } from '../../errors.js';
import { formatLimit } from './limits.js';
import { redact } from './template-source.js';

export interface DownloadLimits {
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** What an http(s) URL answers. Throws a TemplateError, or the signal's reason. */
export async function download(url: string, limits: DownloadLimits): Promise<Buffer> {
  const shown = redact(url);
  try {
    const response = await request(url, limits.signal);
    checkAnswer(response, url, shown);
    return await readBody(response, limits.bytes, shown);
  } catch (error) {
    limits.signal.throwIfAborted();
    if (error instanceof TemplateError) throw error;
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
    throw new TemplateError(
      `${shown}: there is no way to ${new URL(url).host} (${cause?.code ?? cause?.message ?? message}): check the network, or use what was fetched before with --offline.`,
    );
  }
}

/** A user and password in the URL are for a header: fetch refuses them where they stand. */
function request(url: string, signal: AbortSignal): Promise<Response> {
  const target = new URL(url);
  const { username, password } = target;
  target.username = target.password = '';
  const login = Buffer.from(
    `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  ).toString('base64');
  return fetch(target, {
    signal,
    headers: {
      'accept-encoding': 'identity',
      ...(username === '' ? {} : { authorization: `Basic ${login}` }),
    },
  });
}

function checkAnswer({ ok, status, url: from }: Response, url: string, shown: string): void {
  if (status === 404 || status === 410)
    throw new TemplateError(`${shown}: there is nothing at this address (${status}).`);
  if (status === 401 || status === 403 || status === 407)
    throw new TemplateError(`${shown}: the server asks who you are (${status}).`);
  if (!ok) throw new TemplateError(`${shown}: the server answers ${status}.`);
  if (url.startsWith('https:') && !from.startsWith('https:'))
    throw new TemplateError(`${shown}: leads to ${redact(from)}, which is not encrypted.`);
}

async function readBody({ body }: Response, most: number, shown: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop ends the download.
    if (bytes > most)
      throw new TemplateError(`${shown}: larger than ${formatLimit(most)}, more than it may be.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
