import { setTimeout as sleep } from 'node:timers/promises';
import { toAbortSignal } from '../../abort-signal.js';
import type { ChatChunk } from '../../inference/chat-chunks.js';
import { completionToChunks } from '../../inference/chat-chunks.js';
import type { ChatCompletion, ChatRequest } from '../../inference/chat-completion.js';
import type { EmbeddingRequest } from '../../inference/embedding.js';
import { toBase64 } from '../../inference/embedding-encoding.js';
import type { Json, Provider, ProviderCall } from '../provider.js';
import { upstreamFailure, upstreamFault, upstreamSilence } from '../upstream-error.js';
import { answerChat } from './mock-answer.js';
import { countTokens, embed } from './mock-embedding.js';

const SLOW_CHUNK_MS = 200;
const CHUNKS_BEFORE_CUT = 3;

/**
 * Answers without an account or a network: the same request always gives the same answer. It echoes, streams, calls
 * tools, fills schemas and embeds. Faults are asked for by model name: `mock-429`, `mock-500`, `mock-timeout`
 * (after `timeoutMs`), `mock-slow` and `mock-cut`.
 */
export function createMockProvider(timeoutMs: number): Provider {
  async function fault({ target, signal }: ProviderCall): Promise<void> {
    signal.throwIfAborted();
    switch (target.model) {
      case 'mock-429':
        throw upstreamFailure(429, { message: 'The mock provider is busy.' }, '1');
      case 'mock-500':
        throw upstreamFailure(500, {});
      case 'mock-timeout':
        await sleep(timeoutMs, undefined, { signal: toAbortSignal(signal) });
        throw upstreamSilence(`The mock provider did not begin to answer within ${timeoutMs} ms.`);
    }
  }

  return {
    async chat(request, call) {
      await fault(call);
      if (call.target.model === 'mock-cut') throw cut();
      return json(answerChat(request));
    },

    async *chatStream(request, call) {
      await fault(call);
      const { model } = call.target;
      let sent = 0;
      for (const chunk of streamedAnswer(request)) {
        if (model === 'mock-cut' && sent === CHUNKS_BEFORE_CUT) throw cut();
        if (model === 'mock-slow') {
          await sleep(SLOW_CHUNK_MS, undefined, { signal: toAbortSignal(call.signal) });
        }
        yield [json(chunk)];
        sent += 1;
      }
    },

    async embed(request, call) {
      await fault(call);
      return json(answerEmbeddings(request));
    },

    close: () => Promise.resolve(),
  };
}

function cut() {
  return upstreamFault('The model provider ended its stream before the answer was complete.');
}

/** A completion in small pieces, as a model writes it. */
function* streamedAnswer(request: ChatRequest): Generator<ChatChunk> {
  for (const chunk of completionToChunks(answerChat(request))) {
    const [choice] = chunk.choices;
    const content = choice?.delta?.content;
    if (choice === undefined || typeof content !== 'string') {
      yield chunk;
      continue;
    }
    for (const word of content.match(/\s*\S+\s*$|\s*\S+/g) ?? []) {
      yield { ...chunk, choices: [{ ...choice, delta: { role: 'assistant', content: word } }] };
    }
  }
}

function answerEmbeddings({ input, model, encoding_format: format, dimensions }: EmbeddingRequest) {
  const inputs = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  const texts = inputs.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  const tokens = texts.reduce((total, text) => total + countTokens(text), 0);
  return {
    object: 'list' as const,
    data: texts.map((text, index) => {
      const vector = embed(text, dimensions ?? undefined);
      const embedding = format === 'base64' ? toBase64(vector) : vector;
      return { object: 'embedding' as const, index, embedding };
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function json<Value extends ChatCompletion | ChatChunk | ReturnType<typeof answerEmbeddings>>(
  value: Value,
): Json<Value> {
  return { value, text: JSON.stringify(value) };
}
