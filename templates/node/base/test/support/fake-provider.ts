import { setTimeout as sleep } from 'node:timers/promises';
import { toAbortSignal } from '../../src/abort-signal.js';
import type { ChatChunk } from '../../src/inference/chat-chunks.js';
import type { ChatCompletion, ChatRequest } from '../../src/inference/chat-completion.js';
import type { Json, Provider, ProviderCall } from '../../src/providers/provider.js';

/** Counts calls, and holds them back until they are let go. */
export class FakeProvider implements Provider {
  calls = 0;
  aborted = 0;
  /** Every call waits for it, or for its own end. */
  gate: Promise<void> = Promise.resolve();

  #holdsAfterFirstChunk = false;

  /** @param text what every answer says, a word to a chunk */
  constructor(readonly text = 'one two three') {}

  /** Holds calls back from now on, until the function that it gives is called. */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** Streams stop after their first chunk, until they are aborted. */
  holdAfterFirstChunk(): void {
    this.#holdsAfterFirstChunk = true;
  }

  async chat(request: ChatRequest, { signal }: Pick<ProviderCall, 'signal'>) {
    await this.#begin(signal);
    return json<ChatCompletion>({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: request.model,
      choices: [
        { index: 0, message: { role: 'assistant', content: this.text }, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 },
    });
  }

  async *chatStream(request: ChatRequest, { signal }: Pick<ProviderCall, 'signal'>) {
    await this.#begin(signal);
    const chunk = (choices: ChatChunk['choices'], usage: ChatChunk['usage'] = null) =>
      json<ChatChunk>({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1,
        model: request.model,
        choices,
        usage,
      });
    for (const content of this.text.split(/(?= )/)) {
      yield [chunk([{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }])];
      if (this.#holdsAfterFirstChunk) await this.#waitFor(new Promise(() => undefined), signal);
    }
    yield [
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
      chunk([], { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 }),
    ];
  }

  embed(): Promise<never> {
    return Promise.reject(new Error('This fake does not embed.'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #begin(signal: ProviderCall['signal']): Promise<void> {
    this.calls += 1;
    await this.#waitFor(this.gate, signal);
  }

  async #waitFor(gate: Promise<void>, signal: ProviderCall['signal']): Promise<void> {
    try {
      await Promise.race([
        gate,
        sleep(60_000, undefined, { signal: toAbortSignal(signal), ref: false }),
      ]);
      signal.throwIfAborted();
    } catch (error) {
      this.aborted += 1;
      throw error;
    }
  }
}

function json<Value>(value: Value): Json<Value> {
  return { value, text: JSON.stringify(value) };
}
