import type { ChatChunk } from '../inference/chat-chunks.js';
import type { ChatRequest } from '../inference/chat-completion.js';
import type { Usage } from '../inference/task.js';
import type { ChatChunks, StreamedChunk } from '../providers/provider.js';
import { ObservableStream, observe, withFirst, type Observer, type Stream } from '../stream.js';
import type { CallMeter } from '../telemetry/call-meter.js';
import type { ModelCall } from './model-call.js';
import type { ModelRoute } from './model-routes.js';
import { chatLength, chunkLength, estimateUsage, readUsage } from './token-usage.js';

/** How a stream ended whose reader left before its end. */
const ABANDONED = 'abandoned';

interface Source {
  readonly chunks: Stream<ChatChunks>;
  readonly route: ModelRoute;
  readonly meter: CallMeter;
}

/** The chunks of a call on their way from its provider, counted. */
export class ChatStream extends ObservableStream<ChatChunks> implements Observer<ChatChunks, void> {
  #observer: Observer<ChatChunks, void> | undefined;
  #source: Source | undefined;
  /** Some servers send it with every chunk, as the sum so far. */
  #usage: unknown;
  #received = 0;
  #isOver = false;

  /** @param charge is told once of what was used, if any of it was */
  constructor(
    private readonly call: ModelCall,
    private readonly request: ChatRequest,
    private readonly charge: (usage: Usage, meter: CallMeter) => void,
  ) {
    super();
  }

  observe(observer: Observer<ChatChunks, void>): void {
    this.#observer = observer;
    if (this.#source !== undefined) observe(this.#source.chunks, this);
    else this.#begin().catch(this.fail);
  }

  part(chunks: ChatChunks): boolean {
    for (const chunk of chunks) this.#add(chunk);
    return this.#observer?.part(chunks) === true;
  }

  end(): void {
    this.#end();
    this.#observer?.end();
  }

  readonly fail = (error: unknown): void => {
    if (this.#source !== undefined) this.call.noteFailure(error, this.#source.route);
    this.#end(error);
    this.#observer?.fail(error);
  };

  protected async release(): Promise<void> {
    this.#end(ABANDONED);
    await this.#source?.chunks.return();
  }

  async #begin(): Promise<void> {
    this.#source = await openSource(this.call, this.request);
    observe(this.#source.chunks, this);
  }

  #add(chunk: StreamedChunk): void {
    this.#source?.meter.chunk(chunk);
    if (chunk.words === undefined) this.#count(chunk.value);
    else this.#received += chunk.words.length;
  }

  #count(chunk: ChatChunk): void {
    this.#usage = chunk.usage ?? this.#usage;
    this.#received += chunkLength(chunk);
  }

  /** Providers charge for what they have sent, also when it was not read to the end. */
  #end(failure?: unknown): void {
    if (this.#source === undefined || this.#isOver) return;
    this.#isOver = true;
    const { meter } = this.#source;
    const estimate = () => estimateUsage(chatLength(this.request), this.#received);
    this.charge(readUsage(this.#usage) ?? estimate(), meter);
    meter.end(failure);
  }
}

/** The stream of the first target whose first chunk arrives: after it, no other target can take over. */
function openSource(call: ModelCall, request: ChatRequest): Promise<Source> {
  const options = { ...request.stream_options, include_usage: true };
  const body = { ...request, stream: true, stream_options: options };
  return call.firstAnswer(async (providerCall, route, meter) => {
    const { provider, target } = route;
    const chunks = provider.chatStream({ ...body, model: target.model }, providerCall);
    return { chunks: withFirst(await chunks.next(), chunks), route, meter };
  });
}
