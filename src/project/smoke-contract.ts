import type { Service } from '../plan/service.js';

interface Exchange {
  readonly path: string;
  readonly body?: object;
  readonly status: number;
  readonly type: string;
  /** What the text of the answer has to hold. */
  readonly holds: RegExp;
}

const ANSWERED_WITHIN_MS = 30_000;

const JSON_TYPE = 'application/json';
const CHAT = '/v1/chat/completions';
const QUESTION = { model: 'default', messages: [{ role: 'user', content: 'Say hello.' }] };

/** A few exchanges by which a server that speaks the contract is told from one that does not. */
function exchanges(probes: Service['probes']): readonly Exchange[] {
  return [
    { path: probes.live, status: 200, type: '', holds: /^/ },
    { path: '/v1/models', status: 200, type: JSON_TYPE, holds: /"object":\s*"list"/ },
    {
      path: CHAT,
      body: QUESTION,
      status: 200,
      type: JSON_TYPE,
      holds: /"finish_reason":\s*"stop"/,
    },
    {
      path: CHAT,
      body: { ...QUESTION, stream: true },
      status: 200,
      type: 'text/event-stream',
      holds: /\bdata: \[DONE\]\s*$/,
    },
    {
      path: '/v1/embeddings',
      body: { model: 'default', input: 'hello' },
      status: 200,
      type: JSON_TYPE,
      holds: /"embedding":/,
    },
    {
      path: CHAT,
      body: { model: 'default' },
      status: 400,
      type: 'application/problem+json',
      holds: /"status":\s*400/,
    },
    {
      path: '/v1/no-such-thing',
      status: 404,
      type: 'application/problem+json',
      holds: /"status":\s*404/,
    },
  ];
}

/** The first answer that is not what the contract promises, as the end of a sentence; undefined when all are. */
export async function findContractFault(
  url: string,
  probes: Service['probes'],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const exchange of exchanges(probes)) {
    const fault = await tryExchange(url, exchange, signal);
    if (fault === undefined) continue;
    const method = exchange.body ? 'POST' : 'GET';
    return `${method} ${exchange.path} should answer ${exchange.status} ${exchange.type}, but ${fault}.`;
  }
  return undefined;
}

async function tryExchange(
  url: string,
  { path, body, status, type, holds }: Exchange,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const response = await fetch(url + path, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWERED_WITHIN_MS)]),
      ...(body
        ? { method: 'POST', headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(body) }
        : {}),
    });
    const text = await response.text();
    const given = response.headers.get('content-type') ?? '';
    if (response.status !== status || !given.startsWith(type)) {
      return `it answers ${response.status} ${given}`;
    }
    return holds.test(text) ? undefined : `it answers: ${text.slice(0, 300)}`;
  } catch (error) {
    return `there is no answer: ${(error as Error).message}`;
  }
}
