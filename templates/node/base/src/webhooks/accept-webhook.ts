import type { Config } from '../config.js';
import { ApiError, invalidRequest } from '../errors.js';
import type { WebhookBody } from '../http/job-schemas.js';
import { TERMINAL_STATES, type JobWebhook } from '../jobs/job.js';
import { namesPrivateAddress } from './public-address.js';

type WebhookConfig = Pick<Config, 'WEBHOOK_SECRET' | 'WEBHOOK_ALLOW_PRIVATE'>;

/**
 * Refuses what could never be delivered. Where a name leads to is looked at when it is called, and not before.
 *
 * @throws {ApiError} 400
 */
export function acceptWebhook(config: WebhookConfig, { url, events }: WebhookBody): JobWebhook {
  if (config.WEBHOOK_SECRET === undefined) throw webhooksDisabled();
  const { href, username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw refusedUrl('must not hold a user name or a password');
  if (!config.WEBHOOK_ALLOW_PRIVATE && namesPrivateAddress(new URL(url)))
    throw refusedUrl('must not name an address that is not public');
  return {
    url: href,
    events: TERMINAL_STATES.filter((status) => events?.includes(`job.${status}`) ?? true),
  };
}

function refusedUrl(reason: string): ApiError {
  return invalidRequest(`webhook.url: ${reason}.`, 'webhook.url');
}

function webhooksDisabled(): ApiError {
  return new ApiError({
    status: 400,
    code: 'webhooks_disabled',
    message: 'Webhooks cannot be signed: this service has no WEBHOOK_SECRET.',
    param: 'webhook',
  });
}
