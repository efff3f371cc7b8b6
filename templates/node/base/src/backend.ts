import { ApiKeys } from './access/api-keys.js';
import { Idempotency } from './access/idempotency.js';
import { RateLimits } from './access/rate-limits.js';
import type { Config } from './config.js';
import { AdmissionGate } from './inference/admission-gate.js';
import { InferenceService } from './inference/inference.js';
import type { TaskRegistry } from './inference/task.js';
import { JobJanitor } from './jobs/job-janitor.js';
import { JobRunner } from './jobs/job-runner.js';
import { JobService } from './jobs/job-service.js';
import { JobTransitions } from './jobs/job-transitions.js';
import { loadTasks } from './load-tasks.js';
import { Lifecycle } from './lifecycle.js';
import { loadModelCatalog, type ModelCatalog } from './models/model-catalog.js';
import { ModelClients } from './models/model-client.js';
import { createProviders } from './providers/create-providers.js';
import type { Providers } from './providers/provider.js';
import { createStore } from './store/index.js';
import type { Store } from './store/ports.js';
import { createLogger, type Logger } from './telemetry/logger.js';
import { Metrics } from './telemetry/metrics.js';
import { createTracer, type Tracer } from './telemetry/tracing.js';
import { createWebhookClient } from './webhooks/create-webhook-client.js';
import { createDeliveryHandler } from './webhooks/delivery-handler.js';
import { createJobAnnouncer } from './webhooks/job-announcer.js';

/** So many receivers may be slow at once before the others have to wait for them. */
const DELIVERY_CONCURRENCY = 32;

/** Everything that the HTTP side stands on. It knows nothing of HTTP or of the web framework. */
export interface Backend {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Null where nobody wants traces. */
  readonly tracer: Tracer | null;
  readonly lifecycle: Lifecycle;
  readonly apiKeys: ApiKeys;
  readonly limits: RateLimits;
  readonly idempotency: Idempotency;
  readonly tasks: TaskRegistry;
  readonly catalog: ModelCatalog;
  readonly inference: InferenceService;
  readonly jobs: JobService;
  /** Names of the services behind it that do not answer. */
  unreachable(): Promise<readonly string[]>;
  /** Runs jobs in this process too. It does so by itself where no other process could. */
  work(): void;
  /** Finishes what is in flight, within `SHUTDOWN_TIMEOUT_MS`. */
  drain(): Promise<void>;
  /** Releases everything. */
  close(): Promise<void>;
}

/** What tests put in the place of the real thing. */
export interface BackendOverrides {
  readonly providers?: Providers;
  readonly tasks?: TaskRegistry;
  readonly store?: Store;
}

/** @throws {ConfigError} when `models.json` is not valid */
export async function createBackend(
  config: Config,
  overrides: BackendOverrides = {},
): Promise<Backend> {
  const logger = createLogger(config);
  const metrics = new Metrics();
  const tracer = await createTracer(config, logger);
  const lifecycle = new Lifecycle();
  const catalog = await loadModelCatalog(config);
  const tasks = overrides.tasks ?? (await loadTasks());
  const made = await createProviders(config, catalog.providers);
  const providers: Providers = { ...made, ...overrides.providers };
  const clients = new ModelClients({ config, catalog, providers, metrics, logger });
  const store = overrides.store ?? (await createStore(config, logger));
  metrics.observeJobs(store.jobs);

  const apiKeys = new ApiKeys(config.API_KEYS);
  if (apiKeys.areOpen) logger.warn('no API keys are configured: anybody may call');
  const guarded = { config, metrics: metrics.admission, logger };
  const limits = new RateLimits({ ...guarded, store });
  const idempotency = new Idempotency({ ...guarded, store: store.idempotency });
  const gate = createGate(config, metrics);

  const { cache, queue, deliveries } = store;
  const inference = new InferenceService({
    config,
    catalog,
    clients,
    cache,
    gate,
    limits,
    metrics,
  });
  const announce = createJobAnnouncer({ store: store.jobs, deliveries, logger });
  const transitions = new JobTransitions(store.jobs, config, announce);
  const jobs = new JobService({ config, store: store.jobs, queue, transitions });
  const runner = new JobRunner({
    store: store.jobs,
    transitions,
    tasks,
    inference,
    tracer,
    logger,
  });
  const janitor = new JobJanitor({ store: store.jobs, queue, transitions, announce, logger });

  const webhooks = await createWebhookClient(config);

  const work = () => {
    queue.process(config.JOB_CONCURRENCY, (id, signal) => runner.run(id, signal));
    if (webhooks !== null) {
      const deliver = createDeliveryHandler({
        client: webhooks,
        metrics,
        logger,
        concurrency: DELIVERY_CONCURRENCY,
      });
      deliveries.process(DELIVERY_CONCURRENCY, deliver);
    } else if (store.isShared) logger.warn('no WEBHOOK_SECRET: this process delivers no webhooks');
  };
  if (!store.isShared) work();

  return {
    config,
    logger,
    metrics,
    tracer,
    lifecycle,
    apiKeys,
    limits,
    idempotency,
    tasks,
    catalog,
    inference,
    jobs,
    unreachable: () => store.unreachable(),
    work,
    drain: () =>
      lifecycle.drain(config.SHUTDOWN_TIMEOUT_MS, async (deadline) => {
        // What jobs come to in the meantime is told, too.
        await queue.drain(deadline);
        await deliveries.drain(deadline);
      }),
    async close() {
      janitor.close();
      await store.close();
      await webhooks?.close();
      await Promise.all(Object.values(providers).map((provider) => provider.close()));
      await tracer?.close();
    },
  };
}

function createGate(config: Config, { admission }: Metrics): AdmissionGate {
  const { MAX_CONCURRENT_INFERENCES: slots, MAX_QUEUED_INFERENCES: places } = config;
  const gate = new AdmissionGate(slots, places, () => {
    admission.inferencesShed.inc();
  });
  admission.observe(gate);
  return gate;
}
