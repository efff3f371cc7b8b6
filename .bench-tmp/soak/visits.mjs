import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { chatRequest, MODEL, PACED_MODEL, SLOW_MODEL, UNIQUE } from '../server/messages.mjs';

/** What callers do, one after the other: well-behaved ones, impatient ones and those that are wrong. */
export class Visits {
  #agent = new Agent({ connections: 128, headersTimeout: 30_000 });
  #number = 0;

  constructor(port, keys) {
    this.origin = `http://127.0.0.1:${port}`;
    this.port = port;
    this.keys = keys;
  }

  /** Makes one visit of each kind in turn, each by another key than the last of its kind. */
  async next() {
    const number = this.#number++;
    const kind = KINDS[number % KINDS.length];
    const key = this.keys[Math.floor(number / KINDS.length + number) % this.keys.length];
    await kind(new Visit(this.#agent, this.port, this.origin, key, number));
  }

  close() {
    return this.#agent.destroy();
  }
}

class Visit {
  constructor(agent, port, origin, key, number) {
    this.agent = agent;
    this.port = port;
    this.origin = origin;
    this.key = key;
    this.number = number;
  }

  /** @throws when the answer's status is another */
  async call(status, method, path, { body, headers = {}, signal } = {}) {
    const answer = await request(this.origin + path, {
      dispatcher: this.agent,
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body,
      signal,
    });
    if (answer.statusCode === status) return answer;
    throw new Error(`${method} ${path}: ${answer.statusCode} ${await answer.body.text()}`);
  }

  async read(...call) {
    return (await this.call(...call)).body.text();
  }

  chat(model = MODEL, options) {
    const unique = String(this.number).padStart(UNIQUE.length, '0');
    return chatRequest(model, options).replace(UNIQUE, unique);
  }

  async submit(model = MODEL) {
    const body = JSON.stringify({
      type: 'chat.completion',
      request: JSON.parse(this.chat(model)),
    });
    return JSON.parse(await this.read(202, 'POST', '/v1/jobs', { body })).id;
  }

  async waitFor(id) {
    await this.read(200, 'GET', `/v1/jobs/${id}`, { headers: { prefer: 'wait=30' } });
  }
}

const CHAT = '/v1/chat/completions';

const KINDS = [
  async function completion(visit) {
    await visit.read(200, 'POST', CHAT, { body: visit.chat() });
  },
  async function cachedCompletion(visit) {
    const body = chatRequest(MODEL);
    await visit.read(200, 'POST', CHAT, { body });
    await visit.read(200, 'POST', CHAT, { body });
  },
  async function sharedCompletion(visit) {
    const body = visit.chat(SLOW_MODEL);
    await Promise.all([
      visit.read(200, 'POST', CHAT, { body }),
      visit.read(200, 'POST', CHAT, { body }),
      leave(visit, 20, CHAT, body),
    ]);
  },
  async function stream(visit) {
    const text = await visit.read(200, 'POST', CHAT, { body: visit.chat(MODEL, { stream: true }) });
    if (!text.endsWith('data: [DONE]\n\n')) throw new Error('A stream was cut.');
  },
  async function abortedStream(visit) {
    const body = visit.chat(PACED_MODEL, { stream: true });
    const answer = await visit.call(200, 'POST', CHAT, { body });
    await answer.body[Symbol.asyncIterator]().next();
    answer.body.on('error', () => undefined).destroy();
  },
  async function abortedCompletion(visit) {
    await leave(visit, 30, CHAT, visit.chat(SLOW_MODEL));
  },
  async function abortedUpload(visit) {
    const socket = connect(visit.port, '127.0.0.1').on('error', () => undefined);
    const head = `host: soak\r\ncontent-type: application/json\r\nauthorization: Bearer ${visit.key}`;
    socket.write(`POST ${CHAT} HTTP/1.1\r\n${head}\r\ncontent-length: 1000\r\n\r\n{"model"`);
    await sleep(10);
    socket.destroy();
  },
  async function job(visit) {
    const id = await visit.submit();
    await visit.waitFor(id);
    await visit.read(200, 'GET', `/v1/jobs/${id}/events`);
  },
  async function cancelledJob(visit) {
    const id = await visit.submit(SLOW_MODEL);
    await (
      await visit.call(202, 'POST', `/v1/jobs/${id}/cancel`).catch(() => undefined)
    )?.body.dump();
  },
  async function unwatchedJob(visit) {
    const id = await visit.submit(SLOW_MODEL);
    await leave(visit, 20, `/v1/jobs/${id}/events`);
    // On a busy machine more jobs would be left than are kept.
    await visit.waitFor(id);
  },
  async function retriedCompletion(visit) {
    const headers = { 'idempotency-key': `soak-${visit.number}` };
    const body = visit.chat();
    await visit.read(200, 'POST', CHAT, { body, headers });
    await visit.read(200, 'POST', CHAT, { body, headers });
  },
  async function mistakes(visit) {
    const body = '{"model":"bench","messages":[]}';
    await visit.read(400, 'POST', CHAT, { body });
    await visit.read(404, 'GET', `/v1/jobs/job_${visit.number}`);
    await visit.read(401, 'POST', CHAT, { body, headers: { authorization: 'Bearer wrong' } });
  },
];

/** Asks and does not wait for the answer. */
async function leave(visit, milliseconds, path, body) {
  const signal = AbortSignal.timeout(milliseconds);
  const method = body === undefined ? 'GET' : 'POST';
  try {
    await visit.read(200, method, path, { body, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
