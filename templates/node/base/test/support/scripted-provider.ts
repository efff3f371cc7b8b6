import type { ChatRequest } from '../../src/inference/chat-completion.js';
import type { ProviderCall } from '../../src/providers/provider.js';
import { upstreamFailure } from '../../src/providers/upstream-error.js';
import { FakeProvider } from './fake-provider.js';

/** Fails as it is told, call by call, and answers when nothing more was told. */
export class ScriptedProvider extends FakeProvider {
  /** The models that were asked for, in order. */
  readonly asked: string[] = [];
  readonly #failures: (Error | number)[];

  /** @param failures what calls are refused with: an error, or the status of an upstream's answer */
  constructor(...failures: readonly (Error | number)[]) {
    super();
    this.#failures = [...failures];
  }

  /** Every call fails from now on. */
  static always(failure: Error | number): ScriptedProvider {
    return new ScriptedProvider(...Array.from({ length: 1_000 }, () => failure));
  }

  override chat(request: ChatRequest, call: ProviderCall) {
    this.#fail(request);
    return super.chat(request, call);
  }

  override async *chatStream(request: ChatRequest, call: ProviderCall) {
    this.#fail(request);
    yield* super.chatStream(request, call);
  }

  #fail({ model }: ChatRequest): void {
    this.asked.push(model);
    const failure = this.#failures.shift();
    if (typeof failure === 'number') throw upstreamFailure(failure, {});
    if (failure !== undefined) throw failure;
  }
}
