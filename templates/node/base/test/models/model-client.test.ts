import { describe, expect, it } from 'vitest';
import { ModelCatalog } from '../../src/models/model-catalog.js';
import { ModelClients } from '../../src/models/model-client.js';
import { upstreamFailure } from '../../src/providers/upstream-error.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { FakeProvider } from '../support/fake-provider.js';

const catalog = new ModelCatalog(
  {
    chain: [
      { provider: 'openai', model: 'first' },
      { provider: 'mock', model: 'second' },
    ],
  },
  { PROVIDER: 'mock', PROVIDER_BASE_URL: 'http://models.test/v1' },
);
const request = { model: 'chain', messages: [{ role: 'user', content: 'Hello' }] };

class FailingProvider extends FakeProvider {
  constructor(readonly status: number) {
    super();
  }

  override chat(): Promise<never> {
    this.calls += 1;
    return Promise.reject(upstreamFailure(this.status, {}));
  }
}

function clientWith(first: FakeProvider, second = new FakeProvider()) {
  const logger = createLogger({ LOG_LEVEL: 'silent' });
  const providers = { openai: first, mock: second };
  const clients = new ModelClients({ catalog, providers, metrics: new Metrics(), logger });
  return clients.forRun(new AbortController().signal);
}

describe('the model client', () => {
  it('asks the next target when one fails', async () => {
    const client = clientWith(new FailingProvider(503));
    expect((await client.chat(request)).value.model).toBe('second');
  });

  it('asks nobody else when the request itself is wrong', async () => {
    const second = new FakeProvider();
    const answer = clientWith(new FailingProvider(400), second).chat(request);
    await expect(answer).rejects.toMatchObject({ status: 400 });
    expect(second.calls).toBe(0);
  });

  it('counts usage once that a provider sends with every chunk', async () => {
    class CountingProvider extends FakeProvider {
      override async *chatStream(...call: Parameters<FakeProvider['chatStream']>) {
        let completion_tokens = 0;
        for await (const { value } of super.chatStream(...call)) {
          completion_tokens += 1;
          const usage = { prompt_tokens: 5, completion_tokens };
          yield { text: '', value: { ...value, usage } };
        }
      }
    }
    const client = clientWith(new CountingProvider());
    for await (const chunk of client.chatStream(request)) expect(chunk.value).toBeDefined();
    expect(client.usage).toEqual({ prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 });
  });

  it('adds up what its calls have used, streamed or not', async () => {
    const client = clientWith(new FakeProvider());
    await client.chat(request);
    for await (const chunk of client.chatStream(request)) expect(chunk.text).not.toBe('');
    expect(client.usage).toEqual({ prompt_tokens: 2, completion_tokens: 6, total_tokens: 8 });
  });
});
