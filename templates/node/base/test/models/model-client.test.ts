import { describe, expect, it } from 'vitest';
import { ModelCatalog } from '../../src/models/model-catalog.js';
import { ModelClients } from '../../src/models/model-client.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { FakeProvider } from '../support/fake-provider.js';
import { partsOf } from '../support/parts-of.js';
import { ScriptedProvider } from '../support/scripted-provider.js';

const catalog = new ModelCatalog(
  {
    chain: [
      { provider: 'openai', model: 'first' },
      { provider: 'mock', model: 'second' },
    ],
  },
  { PROVIDER: 'mock', PROVIDER_BASE_URL: 'http://models.test/v1' },
);
const config = { PROVIDER_MAX_RETRIES: 0, PROVIDER_TIMEOUT_MS: 60_000 };
const request = { model: 'chain', messages: [{ role: 'user', content: 'Hello' }] };

function clientWith(
  first: FakeProvider,
  { second = new FakeProvider(), signal = new AbortController().signal } = {},
) {
  const logger = createLogger({ LOG_LEVEL: 'silent' });
  const providers = { openai: first, mock: second, anthropic: second };
  const clients = new ModelClients({ config, catalog, providers, metrics: new Metrics(), logger });
  return clients.forRun(signal);
}

describe('the model client', () => {
  it('asks the next target when one fails', async () => {
    const client = clientWith(new ScriptedProvider(503));
    expect((await client.chat(request)).value.model).toBe('second');
  });

  it('asks nobody else when the request itself is wrong', async () => {
    const second = new FakeProvider();
    const answer = clientWith(new ScriptedProvider(400), { second }).chat(request);
    await expect(answer).rejects.toMatchObject({ status: 400 });
    expect(second.calls).toBe(0);
  });

  it('counts usage once that a provider sends with every chunk', async () => {
    class CountingProvider extends FakeProvider {
      override async *chatStream(...call: Parameters<FakeProvider['chatStream']>) {
        let completion_tokens = 0;
        for await (const { value } of partsOf(super.chatStream(...call))) {
          completion_tokens += 1;
          const usage = { prompt_tokens: 5, completion_tokens };
          yield [{ text: '', value: { ...value, usage } }];
        }
      }
    }
    const client = clientWith(new CountingProvider());
    for await (const chunk of partsOf(client.chatStream(request)))
      expect(chunk.value).toBeDefined();
    expect(client.usage).toEqual({ prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 });
  });

  it('adds up what its calls have used, streamed or not', async () => {
    const client = clientWith(new FakeProvider());
    await client.chat(request);
    for await (const chunk of partsOf(client.chatStream(request))) expect(chunk.text).not.toBe('');
    expect(client.usage).toEqual({ prompt_tokens: 2, completion_tokens: 6, total_tokens: 8 });
  });

  it('estimates what a provider never says, the same for a stream', async () => {
    class SilentProvider extends FakeProvider {
      override async chat(...call: Parameters<FakeProvider['chat']>) {
        const { text, value } = await super.chat(...call);
        return { text, value: { ...value, usage: null } };
      }

      override async *chatStream(...call: Parameters<FakeProvider['chatStream']>) {
        for await (const chunks of super.chatStream(...call)) {
          yield chunks.map(({ text, value }) => ({ text, value: { ...value, usage: null } }));
        }
      }
    }
    const [streaming, whole] = [clientWith(new SilentProvider()), clientWith(new SilentProvider())];
    for await (const chunk of partsOf(streaming.chatStream(request)))
      expect(chunk.value).toBeDefined();
    await whole.chat(request);
    expect(streaming.usage?.completion_tokens).toBe(Math.ceil('one two three'.length / 4));
    expect(streaming.usage).toEqual(whole.usage);
  });

  describe('of a stream that ends too early', () => {
    const long = {
      model: 'chain',
      messages: [
        { role: 'system', content: 'x'.repeat(40) },
        { role: 'user', content: [{ type: 'text', text: 'x'.repeat(4) }, { type: 'image_url' }] },
      ],
    };
    // "one", as a chunk of its own, is all that comes.
    const estimate = { prompt_tokens: 11, completion_tokens: 1, total_tokens: 12 };

    it('counts about what was asked and received, when its reader leaves', async () => {
      const client = clientWith(new FakeProvider());
      for await (const chunk of partsOf(client.chatStream(long))) {
        expect(chunk.value.usage).toBeNull();
        break;
      }
      expect(client.usage).toEqual(estimate);
    });

    it('so it does when the run is aborted', async () => {
      const provider = new FakeProvider();
      provider.holdAfterFirstChunk();
      const caller = new AbortController();
      const client = clientWith(provider, { signal: caller.signal });
      const read = async () => {
        for await (const chunk of client.chatStream(long)) caller.abort(chunk);
      };
      await expect(read()).rejects.toThrow();
      expect(client.usage).toEqual(estimate);
    });

    it('counts what was asked, when its reader leaves before anything has come', async () => {
      const provider = new FakeProvider();
      provider.hold();
      for (const ask of ['chat', 'chatStream'] as const) {
        const caller = new AbortController();
        const client = clientWith(provider, { signal: caller.signal });
        const call = ask === 'chat' ? client.chat(long) : client.chatStream(long).next();
        caller.abort();
        await expect(call).rejects.toThrow();
        expect(client.usage).toEqual({ ...estimate, completion_tokens: 0, total_tokens: 11 });
      }
    });

    it('counts nothing of what was never asked', async () => {
      const provider = new FakeProvider();
      const client = clientWith(provider, { signal: AbortSignal.abort() });
      await expect(client.chat(long)).rejects.toThrow();
      expect(provider.calls).toBe(0);
      expect(client.usage).toBeNull();
    });
  });
});
