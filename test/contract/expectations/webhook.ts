import { Webhook as Verifier } from 'standardwebhooks';
import { expect } from 'vitest';
import { sdk } from '../clients/sdk.js';
import { webhook, type Webhook } from '../schemas/webhooks.js';
import type { UpstreamCall } from '../upstream/call.js';

export const webhookSecret = `whsec_${Buffer.from('contract-webhook-secret-32-bytes').toString('base64')}`;

export interface Delivery {
  id: string;
  /** Unix seconds. */
  timestamp: number;
  signature: string;
  body: Webhook;
}

/** Checks a delivery as its receiver would: by Standard Webhooks' own library, and by the OpenAI SDK's helper. */
export async function deliveryOf(call: UpstreamCall): Promise<Delivery> {
  expect(call.method).toBe('POST');
  expect(call.headers['content-type']).toMatch(/^application\/json\b/u);
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((part) =>
    String(call.headers[`webhook-${part}`]),
  ) as [string, string, string];
  expect(id).toMatch(/^msg_\w+$/u);
  expect(timestamp).toMatch(/^\d{10}$/u);
  expect(signature).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/u);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  };
  const body = webhook.parse(new Verifier(webhookSecret).verify(call.rawBody, headers));
  const client = new sdk.OpenAI({ apiKey: 'none', webhookSecret });
  expect(await client.webhooks.unwrap(call.rawBody, headers)).toEqual(body);
  return { id, timestamp: Number(timestamp), signature, body };
}
