import type { Delivery, DeliveryHandler } from '../store/ports.js';
import type { Logger } from '../telemetry/logger.js';
import type { DeliveryResult, Metrics } from '../telemetry/metrics.js';
import { shareOf } from '../tenant-share.js';
import { AddressRefused } from './public-address.js';
import type { WebhookClient } from './webhook-client.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** From each attempt to the next: more than a day in all. */
const DELAYS = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE],
  ...[2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR],
];

/** Added at random, up to this part of a delay: what failed together is not to come again together. */
const JITTER = 0.1;

/** The receiver wants to hear no more. */
const GONE = 410;

export interface DeliveryHandlerDependencies {
  readonly client: Pick<WebhookClient, 'post'>;
  readonly metrics: Pick<Metrics, 'webhookDeliveries'>;
  readonly logger: Logger;
  /** How many attempts are made at once, at most. */
  readonly concurrency: number;
}

interface Attempt {
  readonly result: DeliveryResult;
  readonly status?: number;
  readonly cause?: string;
}

/** Makes attempts as they fall due, though one tenant's no more than leave room for another's: its receivers may be dead. */
export function createDeliveryHandler(dependencies: DeliveryHandlerDependencies): DeliveryHandler {
  const { concurrency } = dependencies;
  const underWay = new Map<string, number>();
  let all = 0;

  const count = (tenant: string, change: 1 | -1) => {
    all += change;
    underWay.set(tenant, (underWay.get(tenant) ?? 0) + change);
    if (underWay.get(tenant) === 0) underWay.delete(tenant);
  };

  return async (delivery, number, signal) => {
    const { tenant } = delivery;
    const own = underWay.get(tenant) ?? 0;
    if (own + 1 > shareOf(concurrency, all - own)) return undefined;
    count(tenant, 1);
    try {
      return await deliver(dependencies, delivery, number, signal);
    } finally {
      count(tenant, -1);
    }
  };
}

async function deliver(
  { client, metrics, logger }: DeliveryHandlerDependencies,
  delivery: Delivery,
  number: number,
  signal: AbortSignal,
): Promise<number | null | undefined> {
  const attempt = await tryOnce(client, delivery, signal);
  const isFinal = attempt.result !== 'retried';
  // Interrupted, since this process stops.
  if (!isFinal && signal.aborted) return undefined;
  const delayMs = isFinal ? null : delayAfter(number);
  const result = !isFinal && delayMs === null ? 'failed' : attempt.result;
  metrics.webhookDeliveries.inc({ result });
  const line = { ...describe(delivery), attempt: number, ...attempt, result };
  if (result === 'delivered') logger.info(line, 'webhook delivered');
  else logger.warn({ ...line, retry_in_ms: delayMs }, 'webhook not delivered');
  return delayMs;
}

/** Without all of the URL, which may hold a secret of the receiver's. */
function describe({ id, jobId, url }: Delivery) {
  return { job_id: jobId, webhook_id: id, host: new URL(url).host };
}

async function tryOnce(
  client: DeliveryHandlerDependencies['client'],
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const status = await client.post(delivery, signal);
    return { status, result: resultOf(status) };
  } catch (error) {
    const { name, code } = error as { name?: string; code?: string };
    const result = error instanceof AddressRefused ? 'refused' : 'retried';
    return { result, cause: code ?? name ?? 'unknown' };
  }
}

function resultOf(status: number): DeliveryResult {
  if (status >= 200 && status < 300) return 'delivered';
  return status === GONE ? 'gone' : 'retried';
}

/** Null when that was the last attempt. */
function delayAfter(number: number): number | null {
  const delay = DELAYS[number - 1];
  return delay === undefined ? null : Math.round(delay * (1 + JITTER * Math.random()));
}
