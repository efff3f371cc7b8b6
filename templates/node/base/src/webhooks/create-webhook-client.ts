import type { Config } from '../config.js';
import type { WebhookClient } from './webhook-client.js';

/** Null where there is no secret to sign with. Only where there is one is loaded what a client stands on. */
export async function createWebhookClient(
  config: Pick<Config, 'WEBHOOK_SECRET' | 'WEBHOOK_ALLOW_PRIVATE'>,
): Promise<WebhookClient | null> {
  if (config.WEBHOOK_SECRET === undefined) return null;
  const { WebhookClient } = await import('./webhook-client.js');
  return new WebhookClient(config);
}
