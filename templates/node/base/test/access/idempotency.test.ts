import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LightAbortController } from '../../src/abort-signal.js';
import { Idempotency, KeyHold } from '../../src/access/idempotency.js';
import { answerOnce } from '../../src/http/idempotent-answer.js';
import { MemoryIdempotencyStore } from '../../src/store/memory/memory-idempotency-store.js';
import { AdmissionMetrics } from '../../src/telemetry/admission-metrics.js';
import { createLogger } from '../../src/telemetry/logger.js';

const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
const request = { tenant: 'acme', key: 'key', payload: ['route', { a: 1, b: 2 }] };

describe('idempotency keys', () => {
  let store: MemoryIdempotencyStore;
  let idempotency: Idempotency;
  beforeEach(() => {
    vi.useFakeTimers();
    store = new MemoryIdempotencyStore();
    idempotency = new Idempotency({
      config: { JOB_RETENTION_SECONDS: 86_400 },
      store,
      metrics: new AdmissionMetrics(new Registry()),
      logger: createLogger({ LOG_LEVEL: 'silent' }),
    });
  });
  afterEach(() => vi.useRealTimers());

  async function take(): Promise<KeyHold> {
    const begun = await idempotency.begin(request);
    if (begun instanceof KeyHold) return begun;
    throw new Error('The key is not free.');
  }

  it('give the first answer again, however the payload is written', async () => {
    await (await take()).complete(answer);
    const rewritten = { ...request, payload: ['route', { b: 2, a: 1 }] };
    expect(await idempotency.begin(rewritten)).toEqual(answer);
  });

  it("are their tenant's own", async () => {
    await (await take()).complete(answer);
    expect(await idempotency.begin({ ...request, tenant: 'globex' })).toBeInstanceOf(KeyHold);
  });

  it('refuse another payload, and a second request while the first is in flight', async () => {
    const hold = await take();
    const other = { ...request, payload: ['another'] };
    await expect(idempotency.begin(request)).rejects.toMatchObject({ status: 409 });
    await expect(idempotency.begin(other)).rejects.toMatchObject({ status: 422 });
    await hold.complete(answer);
    await expect(idempotency.begin(other)).rejects.toMatchObject({ status: 422 });
  });

  it('are free again when there was no answer to keep', async () => {
    await (await take()).release();
    await (await take()).complete(answer);
    expect(await idempotency.begin(request)).toEqual(answer);
  });

  it('are free again when the caller has left before a stream began', async () => {
    const begin = () => idempotency.begin(request);
    const caller = new LightAbortController();
    const frames = async function* () {
      yield await Promise.resolve('data');
      return '';
    };
    await answerOnce(begin, caller.signal, () => {
      caller.abort();
      // Nobody will read it.
      return Promise.resolve({ status: 200, headers: {}, body: frames() });
    });
    await (await take()).release();
  });

  it('are held for as long as the work takes, and no longer than a process that died', async () => {
    const hold = await take();
    await vi.advanceTimersByTimeAsync(600_000);
    await expect(idempotency.begin(request)).rejects.toMatchObject({ status: 409 });

    vi.spyOn(store, 'renew').mockRejectedValue(new Error('no connection'));
    await vi.advanceTimersByTimeAsync(60_000);
    const next = await take();
    // What comes late from the first one changes nothing for the second.
    await hold.complete({ ...answer, body: 'late' });
    await expect(idempotency.begin(request)).rejects.toMatchObject({ status: 409 });
    await next.complete(answer);
    expect(await idempotency.begin(request)).toEqual(answer);
  });
});
