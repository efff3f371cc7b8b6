import { Webhook } from 'standardwebhooks';
import { Agent, request } from 'undici';
import type { Config } from '../config.js';
import { service } from '../service.js';
import type { Delivery } from '../store/ports.js';
import { AddressRefused, lookupPublicAddress, namesPrivateAddress } from './public-address.js';

/** For all of an attempt, from the first packet to the answer. */
const TIMEOUT_MS = 15_000;

/** As much of an answer is read, so that its connection can serve again; the rest goes down with the connection. */
const ANSWER_LIMIT_BYTES = 64 * 1024;

/** Takes messages to webhooks, signed as Standard Webhooks has it: https://www.standardwebhooks.com */
export class WebhookClient {
  readonly #signers: readonly Webhook[];
  readonly #agent: Agent;
  readonly #allowsPrivate: boolean;

  constructor(config: Pick<Config, 'WEBHOOK_SECRET' | 'WEBHOOK_ALLOW_PRIVATE'>) {
    this.#signers = (config.WEBHOOK_SECRET ?? []).map((secret) => new Webhook(secret));
    this.#allowsPrivate = config.WEBHOOK_ALLOW_PRIVATE;
    this.#agent = new Agent({
      connect: this.#allowsPrivate ? {} : { lookup: lookupPublicAddress },
    });
  }

  /**
   * Tries once. Redirects are not followed: they would lead to where nobody has looked.
   *
   * @returns the status of the answer
   * @throws {AddressRefused} when the webhook is at a private address
   */
  async post({ id, url, body }: Delivery, signal: AbortSignal): Promise<number> {
    if (!this.#allowsPrivate && namesPrivateAddress(new URL(url)))
      throw new AddressRefused('The address of the webhook is not public.');
    const attempt = new AbortController();
    const stop = () => {
      attempt.abort(signal.reason);
    };
    const timer = setTimeout(() => {
      attempt.abort(new DOMException('The webhook did not answer in time.', 'TimeoutError'));
    }, TIMEOUT_MS);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      return await this.#send(url, this.#headers(id, body), body, attempt.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #send(
    url: string,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<number> {
    const dispatcher = this.#agent;
    const answer = await request(url, { method: 'POST', dispatcher, headers, body, signal });
    // The status has said it all: what becomes of the rest does not matter.
    await answer.body.dump({ limit: ANSWER_LIMIT_BYTES, signal }).catch(() => undefined);
    return answer.statusCode;
  }

  #headers(id: string, body: string): Record<string, string> {
    const now = new Date();
    return {
      'content-type': 'application/json',
      'user-agent': `${service.name}/${service.version}`,
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': this.#signers.map((key) => key.sign(id, now, body)).join(' '),
    };
  }
}
