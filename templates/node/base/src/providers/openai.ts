import type { ChatChunk } from '../inference/chat-chunks.js';
import type { ChatCompletion } from '../inference/chat-completion.js';
import type { EmbeddingList } from '../inference/embedding.js';
import type { ModelTarget } from '../models/model-catalog.js';
import { parseBaseUrl } from './base-url.js';
import { ChunkPattern } from './chunk-pattern.js';
import type { ChatChunks, Json, Provider, StreamedChunk } from './provider.js';
import {
  isRecord,
  keyOf,
  parseAnswer,
  UpstreamClient,
  type ReadKey,
  type UpstreamClientConfig,
  type UpstreamRequest,
} from './upstream-client.js';
import { cutStream, type UpstreamProblem } from './upstream-error.js';
import type { StreamReader } from './upstream-stream.js';

/**
 * Any server that speaks OpenAI's API.
 *
 * @param readKey gives the key that a target names; a target without one is called without
 */
export function createOpenAIProvider(config: UpstreamClientConfig, readKey: ReadKey): Provider {
  const client = new UpstreamClient(config, readProblem);

  const requestTo = (path: string, body: object, target: ModelTarget): UpstreamRequest => {
    const key = keyOf(target, readKey);
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const base = parseBaseUrl(target.baseUrl);
    return { origin: base.origin, path: base.path + path + base.search, headers, body };
  };

  return {
    chat: (request, call) =>
      client.postForJson(requestTo('/chat/completions', request, call.target), call, isCompletion),

    chatStream: (request, call) => {
      const upstreamRequest = requestTo('/chat/completions', request, call.target);
      return client.postForStream(upstreamRequest, call, new ChunkReader());
    },

    embed: (request, call) =>
      client.postForJson(requestTo('/embeddings', request, call.target), call, isEmbeddingList),

    close: () => client.close(),
  };
}

/** A stream whose chunks have less in common is not looked at for a pattern any more. */
const MAX_PATTERNS = 5;

/** Passes chunks on, up to `[DONE]`. The answer is whole when each of its choices has come to its end by then. */
class ChunkReader implements StreamReader<StreamedChunk> {
  readonly #begun = new Set<number>();
  readonly #ended = new Set<number>();
  #pattern: ChunkPattern | undefined;
  #patternsLeft = MAX_PATTERNS;
  #isComplete = false;

  get isComplete(): boolean {
    return this.#isComplete;
  }

  read(data: string): ChatChunks {
    if (data === '[DONE]') {
      this.#end();
      return [];
    }
    return [this.#pattern?.read(data) ?? this.#parse(data)];
  }

  #parse(data: string): Json<ChatChunk> {
    const chunk = parseAnswer(data, isChunk);
    for (const { index, finish_reason: reason } of chunk.value.choices) {
      this.#begun.add(index);
      if (reason != null) this.#ended.add(index);
    }
    this.#learnPattern(chunk);
    return chunk;
  }

  /** A pattern is of the chunk before the next one, or there is none. */
  #learnPattern(chunk: Json<ChatChunk>): void {
    this.#pattern = this.#patternsLeft > 0 ? ChunkPattern.of(chunk) : undefined;
    this.#patternsLeft -= 1;
  }

  #end(): void {
    this.#isComplete = this.#ended.size > 0 && this.#ended.size === this.#begun.size;
    if (!this.#isComplete) throw cutStream();
  }
}

function isCompletion(value: unknown): value is ChatCompletion {
  if (!isRecord(value) || !Array.isArray(value.choices)) return false;
  return value.choices.every((choice) => isRecord(choice) && isRecord(choice.message));
}

function isEmbeddingList(value: unknown): value is EmbeddingList {
  if (!isRecord(value) || !Array.isArray(value.data)) return false;
  return value.data.every((item) => isRecord(item) && isEmbedding(item.embedding));
}

function isEmbedding(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value);
}

function isChunk(value: unknown): value is ChatChunk {
  return isRecord(value) && Array.isArray(value.choices) && value.choices.every(isRecord);
}

function readProblem(body: unknown): UpstreamProblem {
  const error = isRecord(body) ? body.error : undefined;
  if (!isRecord(error)) return {};
  const field = (name: string) => (typeof error[name] === 'string' ? error[name] : null);
  return {
    message: field('message'),
    type: field('type'),
    param: field('param'),
    code: field('code'),
  };
}
