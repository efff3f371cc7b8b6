import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Registry from 'prom-client/lib/registry.js';
import type { CacheOutcome } from '../inference/inference.js';
import { JOB_STATES } from '../jobs/job.js';
import type { JobStore } from '../store/ports.js';
import { AdmissionMetrics } from './admission-metrics.js';
import { BulkCounter, BulkHistogram } from './bulk-instruments.js';
import { SECONDS } from './duration-buckets.js';
import { ModelCallMetrics } from './model-call-metrics.js';

/** How attempts to deliver to a webhook end. */
const DELIVERY_RESULTS = ['delivered', 'retried', 'failed', 'refused', 'gone'] as const;

export type DeliveryResult = (typeof DELIVERY_RESULTS)[number];

const HTTP_LABELS = ['method', 'route', 'status'] as const;

const CACHE_LABELS: Readonly<Record<CacheOutcome, { readonly result: CacheOutcome }>> = {
  hit: { result: 'hit' },
  miss: { result: 'miss' },
  collapsed: { result: 'collapsed' },
  bypass: { result: 'bypass' },
};

/** What this process counts, for Prometheus. */
export class Metrics {
  readonly registry = new Registry();

  readonly httpRequestDuration = new BulkHistogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: HTTP_LABELS,
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly #cacheRequests = new BulkCounter<'result'>({
    name: 'inference_cache_requests_total',
    help: 'Inferences by how they met the cache.',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly webhookDeliveries = new Counter<'result'>({
    name: 'webhook_deliveries_total',
    help: 'Attempts to deliver to a webhook, by how they ended; all but `retried` are the last.',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly admission = new AdmissionMetrics(this.registry);
  readonly modelCalls = new ModelCallMetrics(this.registry);

  constructor() {
    for (const labels of Object.values(CACHE_LABELS)) this.#cacheRequests.inc(labels, 0);
    for (const result of DELIVERY_RESULTS) this.webhookDeliveries.inc({ result }, 0);
  }

  metCache(outcome: CacheOutcome): void {
    this.#cacheRequests.inc(CACHE_LABELS[outcome]);
  }

  /** Reads the number of jobs whenever the metrics are read. */
  observeJobs(store: JobStore): void {
    new Gauge<'status'>({
      name: 'jobs',
      help: 'Jobs that are stored, by status.',
      labelNames: ['status'],
      registers: [this.registry],
      async collect() {
        // All other figures are to be had while the store is away.
        const counts = await store.countByStatus().catch(() => undefined);
        this.reset();
        if (counts !== undefined)
          for (const status of JOB_STATES) this.set({ status }, counts[status]);
      },
    });
  }
}
