import type { Registry } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type { AdmissionGate } from '../inference/admission-gate.js';

/** What was let in, what waits, and what was turned away. */
export class AdmissionMetrics {
  readonly rateLimited: Counter<'limit'>;
  readonly inferencesShed: Counter;
  readonly idempotentReplays: Counter;

  constructor(private readonly registry: Registry) {
    this.rateLimited = new Counter({
      name: 'rate_limited_total',
      help: 'Requests that were refused since their key had reached a limit.',
      labelNames: ['limit'],
      registers: [registry],
    });
    this.inferencesShed = new Counter({
      name: 'inferences_shed_total',
      help: 'Inferences that were refused since too many others ran and waited.',
      registers: [registry],
    });
    this.idempotentReplays = new Counter({
      name: 'idempotent_replays_total',
      help: 'Requests that were answered with the answer that their idempotency key had before.',
      registers: [registry],
    });
    for (const limit of ['requests', 'tokens']) this.rateLimited.inc({ limit }, 0);
  }

  /** Reads what runs and what waits whenever the metrics are read. */
  observe(gate: AdmissionGate): void {
    new Gauge({
      name: 'inferences_in_progress',
      help: 'Inferences of HTTP requests that run.',
      registers: [this.registry],
      collect() {
        this.set(gate.inProgress);
      },
    });
    new Gauge({
      name: 'inferences_queued',
      help: 'Inferences of HTTP requests that wait until another one has ended.',
      registers: [this.registry],
      collect() {
        this.set(gate.queued);
      },
    });
  }
}
