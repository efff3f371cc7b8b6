import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ModelCatalog, type ModelsFile } from '../../src/models/model-catalog.js';
import { ModelClients } from '../../src/models/model-client.js';
import { upstreamFailure, upstreamOverdue } from '../../src/providers/upstream-error.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import type { FakeProvider } from '../support/fake-provider.js';
import { ScriptedProvider } from '../support/scripted-provider.js';

const models: ModelsFile = {
  one: [{ model: 'first' }],
  chain: [{ model: 'first' }, { model: 'second', base_url: 'http://spare.test/v1' }],
  '*': [{}],
};
const messages = [{ role: 'user', content: 'Hello' }];

/** A process' model calls, all of them answered by one provider. */
function callsOf(provider: FakeProvider, { retries = 2, timeoutMs = 60_000 } = {}) {
  const lines: string[] = [];
  const metrics = new Metrics();
  const clients = new ModelClients({
    config: { PROVIDER_MAX_RETRIES: retries, PROVIDER_TIMEOUT_MS: timeoutMs },
    catalog: new ModelCatalog(models, {
      PROVIDER: 'openai',
      PROVIDER_BASE_URL: 'http://models.test/v1',
    }),
    providers: { mock: provider, openai: provider, anthropic: provider },
    metrics,
    logger: pino({ base: null }, { write: (line) => lines.push(line) }),
  });
  return {
    clients,
    lines,
    ask: (model: string) => clients.forRun(new AbortController().signal).chat({ model, messages }),
    read: () => metrics.registry.metrics(),
  };
}

// Waits are random up to a limit: here they are as short as they can be.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a call of a model that fails', () => {
  it.each([400, 401, 404, 409, 422])('is not made again for a %i', async (status) => {
    const provider = ScriptedProvider.always(status);
    await expect(callsOf(provider).ask('one')).rejects.toThrow();
    expect(provider.asked).toEqual(['first']);
  });

  it.each([408, 429, 500, 503, 529])('is made again for a %i, and no oftener', async (status) => {
    const provider = ScriptedProvider.always(status);
    await expect(callsOf(provider).ask('one')).rejects.toThrow();
    expect(provider.asked).toEqual(['first', 'first', 'first']);
  });

  it('is made once where no retries are wanted', async () => {
    const provider = ScriptedProvider.always(503);
    await expect(callsOf(provider, { retries: 0 }).ask('one')).rejects.toThrow();
    expect(provider.asked).toEqual(['first']);
  });

  it('takes the answer of the call that goes well', async () => {
    const { ask, read } = callsOf(new ScriptedProvider(503));
    expect((await ask('one')).value.usage?.total_tokens).toBe(4);
    expect(await read()).toContain(
      'gen_ai_client_retries_total{provider="openai",model="one",reason="server_error"} 1',
    );
  });

  it('gives the rest of its retries to the next target', async () => {
    const all = ScriptedProvider.always(503);
    await expect(callsOf(all).ask('chain')).rejects.toThrow();
    expect(all.asked).toEqual(['first', 'first', 'first', 'second']);

    const one = new ScriptedProvider(503, 401, 503);
    const { ask, read } = callsOf(one);
    await ask('chain');
    expect(one.asked).toEqual(['first', 'first', 'second', 'second']);
    expect(await read()).toContain('provider_fallbacks_total{provider="openai",model="chain"} 1');
  });

  it('goes to another target, but not to the same, when the quota is used up', async () => {
    const failure = upstreamFailure(429, { code: 'insufficient_quota' });
    const provider = new ScriptedProvider(failure, failure);
    await expect(callsOf(provider).ask('chain')).rejects.toMatchObject({
      status: 429,
      body: { code: 'insufficient_quota' },
      headers: { 'x-should-retry': 'false' },
    });
    expect(provider.asked).toEqual(['first', 'second']);
  });

  it('waits as long as the provider asks for', async () => {
    const { ask } = callsOf(new ScriptedProvider(upstreamFailure(503, {}, '0.2')));
    const began = performance.now();
    await ask('one');
    expect(performance.now() - began).toBeGreaterThan(190);
  });

  it('does not wait for a provider that asks for too long', async () => {
    const provider = new ScriptedProvider(upstreamFailure(429, {}, '11'));
    await callsOf(provider).ask('chain');
    expect(provider.asked).toEqual(['first', 'second']);
  });

  it('does not wait beyond the time for the whole call', async () => {
    const provider = ScriptedProvider.always(upstreamFailure(429, {}, '9'));
    const answer = callsOf(provider, { timeoutMs: 8_000 }).ask('one');
    await expect(answer).rejects.toMatchObject({ status: 429 });
    expect(provider.asked).toEqual(['first']);
  });

  it('is over when the time for the whole call is', async () => {
    const provider = ScriptedProvider.always(upstreamOverdue('Too late.'));
    await expect(callsOf(provider).ask('chain')).rejects.toMatchObject({ status: 504 });
    expect(provider.asked).toEqual(['first']);
  });

  it('stops waiting when the caller leaves', async () => {
    const provider = ScriptedProvider.always(upstreamFailure(503, {}, '9'));
    const caller = new AbortController();
    const { clients, lines } = callsOf(provider);
    const answer = clients.forRun(caller.signal).chat({ model: 'chain', messages });
    await vi.waitFor(() => {
      expect(lines).toHaveLength(1);
    });
    caller.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(provider.asked).toEqual(['first']);
  });

  it('goes to no other target once the caller has left', async () => {
    const caller = new AbortController();
    class LeftProvider extends ScriptedProvider {
      override chat(...call: Parameters<ScriptedProvider['chat']>) {
        caller.abort();
        return super.chat(...call);
      }
    }
    const provider = new LeftProvider(401);
    const { clients } = callsOf(provider);
    const answer = clients.forRun(caller.signal).chat({ model: 'chain', messages });
    await expect(answer).rejects.toThrow();
    expect(provider.asked).toEqual(['first']);
  });

  it('is made again for a stream, but never once a chunk has come', async () => {
    class CutProvider extends ScriptedProvider {
      override async *chatStream(...call: Parameters<ScriptedProvider['chatStream']>) {
        for await (const chunk of super.chatStream(...call)) {
          yield chunk;
          throw upstreamFailure(503, {});
        }
      }
    }
    const provider = new CutProvider(503);
    const { clients } = callsOf(provider);
    const stream = clients
      .forRun(new AbortController().signal)
      .chatStream({ model: 'chain', messages });
    expect((await stream.next()).done).toBe(false);
    await expect(stream.next()).rejects.toMatchObject({ status: 502 });
    expect(provider.asked).toEqual(['first', 'first']);
  });

  it('is logged with whose it was, and without the name that the caller gave', async () => {
    const { clients, lines } = callsOf(new ScriptedProvider(503));
    const origin = { bindings: { request_id: 'req_1' }, span: null };
    const run = clients.forRun(new AbortController().signal, origin);
    await run.chat({ model: 'secret-name', messages });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: 'model call failed',
      request_id: 'req_1',
      alias: '*',
      attempt: 1,
      upstream_status: 503,
    });
    expect(lines[0]).not.toContain('secret-name');
  });
});

describe('the circuit of a target', () => {
  const FAILURES = 5;

  /** A target that has failed often enough. The clock stands still. */
  async function openCircuit(provider: ScriptedProvider) {
    vi.useFakeTimers({ toFake: ['Date'] });
    const calls = callsOf(provider, { retries: 0 });
    for (let i = 0; i < FAILURES; i += 1) await expect(calls.ask('one')).rejects.toThrow();
    expect(provider.asked).toHaveLength(FAILURES);
    return calls;
  }

  const failures = (status = 503) => Array.from({ length: FAILURES }, () => status);

  it('opens after failures in a row: the target is not called, and the caller told when', async () => {
    const provider = ScriptedProvider.always(503);
    const { ask, read, lines } = await openCircuit(provider);
    await expect(ask('one')).rejects.toMatchObject({
      status: 503,
      body: { code: 'provider_unavailable' },
      headers: { 'retry-after': '10' },
    });
    expect(provider.asked).toHaveLength(FAILURES);
    const state = 'provider_circuit_state{provider="openai",model="one",target="0"} 2';
    expect(await read()).toContain(state);
    expect(lines.join('')).toContain('"circuit":"open"');
  });

  it('is shared by the aliases that lead there, whose other targets go on', async () => {
    const { ask } = await openCircuit(new ScriptedProvider(...failures()));
    expect((await ask('chain')).value.model).toBe('second');
  });

  it('stays open without the retries of a call that opens it', async () => {
    const provider = ScriptedProvider.always(503);
    const answer = callsOf(provider, { retries: 9 }).ask('chain');
    await expect(answer).rejects.toMatchObject({ status: 502 });
    expect(provider.asked.filter((model) => model === 'first')).toHaveLength(FAILURES);
  });

  it('closes when one call goes well, for which all others have to wait', async () => {
    const provider = new ScriptedProvider(...failures());
    const { ask, read } = await openCircuit(provider);
    vi.advanceTimersByTime(10_000);
    const release = provider.hold();
    const probe = ask('one');
    await expect(ask('one')).rejects.toMatchObject({ body: { code: 'provider_unavailable' } });
    expect(await read()).toContain('model="one",target="0"} 1');
    release();
    await probe;
    await ask('one');
    expect(provider.asked).toHaveLength(FAILURES + 2);
    expect(await read()).toContain('model="one",target="0"} 0');
  });

  it('stays open when that call fails, or its caller leaves', async () => {
    const provider = new ScriptedProvider(...failures(), 503);
    const { ask, clients } = await openCircuit(provider);
    vi.advanceTimersByTime(10_000);
    await expect(ask('one')).rejects.toMatchObject({ status: 502 });
    await expect(ask('one')).rejects.toMatchObject({ status: 503 });

    vi.advanceTimersByTime(10_000);
    provider.hold();
    const caller = new AbortController();
    const probe = clients.forRun(caller.signal).chat({ model: 'one', messages });
    caller.abort();
    await expect(probe).rejects.toMatchObject({ name: 'AbortError' });
    await expect(ask('one')).rejects.toMatchObject({ status: 503 });
    expect(provider.asked).toHaveLength(FAILURES + 2);
  });

  it('is as good as new after a call that the target refused', async () => {
    const provider = new ScriptedProvider(...failures(), 400, 503);
    const { ask } = await openCircuit(provider);
    vi.advanceTimersByTime(10_000);
    await expect(ask('one')).rejects.toMatchObject({ status: 400 });
    await expect(ask('one')).rejects.toMatchObject({ status: 502 });
    await ask('one');
  });

  it.each([400, 401, 429])('is not opened by answers of %i', async (status) => {
    const provider = ScriptedProvider.always(status);
    const { ask } = await openCircuit(provider);
    await expect(ask('one')).rejects.not.toMatchObject({ status: 503 });
    expect(provider.asked).toHaveLength(FAILURES + 1);
  });

  it('is not opened by callers who leave', async () => {
    const provider = new ScriptedProvider();
    const { clients, ask } = callsOf(provider);
    const signal = AbortSignal.abort();
    for (let i = 0; i < FAILURES; i += 1) {
      await expect(clients.forRun(signal).chat({ model: 'one', messages })).rejects.toThrow();
    }
    await ask('one');
  });

  it('is one for each name that callers give under "*", with one series for all of them', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const provider = new ScriptedProvider(...failures());
    const { ask, read } = callsOf(provider, { retries: 0 });
    for (let i = 0; i < FAILURES; i += 1) await expect(ask('broken')).rejects.toThrow();
    await ask('other');
    const before = (await read()).split('\n').length;
    for (let i = 0; i < 100; i += 1) await ask(`name-${i}`);
    const after = await read();
    expect(after.split('\n')).toHaveLength(before);
    expect(after).toContain('provider_circuit_state{provider="openai",model="*",target="0"} 2');
    await expect(ask('broken')).rejects.toMatchObject({ body: { code: 'provider_unavailable' } });
  });
});
