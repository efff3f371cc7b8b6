import { afterEach, describe, expect, it } from 'vitest';
import { Exchange } from '../../src/http/exchange.js';
import { Lifecycle } from '../../src/lifecycle.js';
import { startUpstream, type UpstreamServer } from '../support/upstream-server.js';

let server: UpstreamServer;
afterEach(() => {
  server.close();
});

/** What a client gets of an answer that has begun, until its connection ends. */
async function answerOf(amidAnswer: (exchange: Exchange) => unknown) {
  server = await startUpstream((_request, response) => {
    const exchange = new Exchange(response, { lifecycle: new Lifecycle(), tracer: null });
    response.write('begun');
    void amidAnswer(exchange);
  });
  const { body } = await fetch(server.url);
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of body ?? []) text += decoder.decode(bytes as Uint8Array);
  } catch {
    return { text, isWhole: false };
  }
  return { text, isWhole: true };
}

describe('an exchange', () => {
  it('breaks off with all that was written', async () => {
    const last = 'x'.repeat(1_000_000);
    let isGone = false;
    const { text, isWhole } = await answerOf(async (exchange) => {
      exchange.response.write(last);
      await exchange.breakOff();
      // There is nothing left to break.
      await exchange.breakOff();
      isGone = true;
    });
    expect(text).toBe(`begun${last}`);
    expect(isWhole).toBe(false);
    await expect.poll(() => isGone).toBe(true);
  });

  it('ends when nothing comes or goes any more', async () => {
    const { text, isWhole } = await answerOf((exchange) => {
      exchange.limitStandstill(50);
    });
    expect(text).toBe('begun');
    expect(isWhole).toBe(false);
  });
});
