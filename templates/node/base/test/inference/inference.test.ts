import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBackend, type Backend } from '../../src/backend.js';
import { parseConfig } from '../../src/config.js';
import { chatCompletion } from '../../src/inference/chat-completion.js';
import type { InferenceCall } from '../../src/inference/inference.js';
import { FakeProvider } from '../support/fake-provider.js';

const KEY = 'a-key';

describe('inferences under load', () => {
  let provider: FakeProvider;
  let backend: Backend;
  beforeEach(async () => {
    provider = new FakeProvider();
    const config = parseConfig({
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      MAX_CONCURRENT_INFERENCES: '1',
      MAX_QUEUED_INFERENCES: '0',
    });
    backend = await createBackend(config, { providers: { mock: provider } });
  });
  afterEach(() => backend.close());

  function ask(more: Partial<InferenceCall> = {}) {
    return backend.inference.infer({
      task: chatCompletion,
      origin: 'request',
      input: { model: 'mock', messages: [{ role: 'user', content: 'Hello' }] },
      tenant: 'tenant',
      key: KEY,
      stream: false,
      cache: { noCache: false, noStore: false },
      signal: new AbortController().signal,
      ...more,
    } as InferenceCall);
  }

  async function inProgress(): Promise<number> {
    const metric = backend.metrics.registry.getSingleMetric('inferences_in_progress');
    return (await metric?.get())?.values[0]?.value ?? NaN;
  }

  it('free their slot and are charged when nobody takes the next step of a stream', async () => {
    const client = new AbortController();
    const { run } = await ask({ stream: true, signal: client.signal });
    await run.deltas().next();
    expect(await inProgress()).toBe(1);
    client.abort();
    await expect.poll(inProgress).toBe(0);
    const { 'x-ratelimit-remaining-tokens': left } = await backend.limits.look(KEY);
    expect(Number(left)).toBeLessThan(200_000);
  });

  it('do not turn a job away', async () => {
    const release = provider.hold();
    const running = (await ask()).run.outcome();
    await expect.poll(() => provider.calls).toBe(1);

    const input = { model: 'mock', messages: [{ role: 'user', content: 'Hi' }], temperature: 0 };
    const [request, job] = await Promise.all([ask({ input }), ask({ input, origin: 'job' })]);
    expect([request.cache, job.cache]).toEqual(['miss', 'collapsed']);
    const answers = [running, job.run.outcome()];
    await expect(request.run.outcome()).rejects.toMatchObject({ status: 503 });
    release();
    for (const answer of answers) expect(await answer).toMatchObject({ complete: true });
  });
});
