import { hash, randomUUID } from 'node:crypto';
import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import { toCanonicalJson } from '../json.js';
import type { IdempotencyClaim, IdempotencyStore, RecordedAnswer } from '../store/ports.js';
import type { AdmissionMetrics } from '../telemetry/admission-metrics.js';
import type { Logger } from '../telemetry/logger.js';

/** After it, the key of a request whose process has died is free again. */
const LEASE_MS = 60_000;

const RENEWAL_MS = LEASE_MS / 3;

export interface IdempotencyDependencies {
  readonly config: Pick<Config, 'JOB_RETENTION_SECONDS'>;
  readonly store: IdempotencyStore;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

/** A request that may come more than once and is to be answered once. */
export interface RepeatableRequest {
  readonly tenant: string;
  /** The caller's name for it. */
  readonly key: string;
  /** All that decides the answer. */
  readonly payload: readonly unknown[];
}

/** Answers a request that comes again with the answer that it had, instead of doing its work twice. */
export class Idempotency {
  constructor(private readonly dependencies: IdempotencyDependencies) {}

  /**
   * @returns the answer that the request had, or the hold on its key where it comes for the first time
   * @throws {ApiError} 422 for another request with this key, 409 while the first one is in flight
   */
  async begin({ tenant, key, payload }: RepeatableRequest): Promise<RecordedAnswer | KeyHold> {
    const { store, metrics } = this.dependencies;
    const claim = {
      tenant,
      key,
      owner: randomUUID(),
      fingerprint: hash('sha256', toCanonicalJson(payload), 'hex'),
    };
    const found = await store.claim(claim, LEASE_MS);
    if (found === undefined) return new KeyHold(claim, this.dependencies);
    if (found.fingerprint !== claim.fingerprint) throw keyReused();
    if (found.answer === null) throw keyInUse();
    metrics.idempotentReplays.inc();
    return found.answer;
  }
}

/** The key of a request in flight. It ends with an answer to keep, or without one. */
export class KeyHold {
  readonly #renewal: NodeJS.Timeout;

  constructor(
    private readonly claim: IdempotencyClaim,
    private readonly dependencies: IdempotencyDependencies,
  ) {
    const renew = () => this.#attempt(dependencies.store.renew(claim, LEASE_MS));
    this.#renewal = setInterval(() => void renew(), RENEWAL_MS).unref();
  }

  /** Once it is done, whoever comes with the key gets this answer. */
  async complete(answer: RecordedAnswer): Promise<void> {
    const { store, config } = this.dependencies;
    clearInterval(this.#renewal);
    await this.#attempt(store.complete(this.claim, answer, config.JOB_RETENTION_SECONDS));
  }

  /** Whoever comes with the key next is answered anew. Does nothing after `complete`. */
  async release(): Promise<void> {
    clearInterval(this.#renewal);
    await this.#attempt(this.dependencies.store.release(this.claim));
  }

  /** The work is done already: that it cannot be noted must not take its answer from the caller. */
  async #attempt(step: Promise<void>): Promise<void> {
    await step.catch((error: unknown) => {
      this.dependencies.logger.warn({ err: error }, 'an idempotency key could not be noted');
    });
  }
}

function keyReused(): ApiError {
  return new ApiError({
    status: 422,
    code: 'idempotency_key_reused',
    message: 'This Idempotency-Key was sent with another request. Use a key for one request only.',
  });
}

function keyInUse(): ApiError {
  return new ApiError({
    status: 409,
    code: 'idempotency_key_in_use',
    message: 'The first request with this Idempotency-Key is still being answered.',
    headers: { 'retry-after': '1' },
  });
}
