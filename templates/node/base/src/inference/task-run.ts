import { toAbortSignal, type AbortSignalLike } from '../abort-signal.js';
import type { ModelClient } from '../models/model-client.js';
import type { InferenceCall, InferenceDependencies } from './inference.js';
import type { Work } from './shared-run.js';
import { canStream, type Delta, type Deltas, type Outcome, type TaskContext } from './task.js';

/** A task at work for a caller: within the bounds of what may run at once, and charged for what it uses. */
export class TaskRun implements Work {
  #models: ModelClient | undefined;

  constructor(
    private readonly call: InferenceCall,
    private readonly dependencies: Pick<InferenceDependencies, 'clients' | 'gate' | 'limits'>,
    readonly keep: (outcome: Outcome) => Promise<void> | undefined,
  ) {}

  enter(signal: AbortSignalLike): Promise<void> | undefined {
    const { origin, tenant } = this.call;
    return origin === 'request' ? this.dependencies.gate.enter(signal, tenant) : undefined;
  }

  start(signal: AbortSignalLike): Promise<Outcome> | Deltas {
    const { task, input, stream } = this.call;
    this.#models = this.dependencies.clients.forRun(signal, this.call);
    const context = new RunContext(this.#models, this.call, signal);
    return stream && canStream(task) ? task.stream(input, context) : task.answer(input, context);
  }

  /** What was used is owed, however the run went. */
  leave(): void {
    const { gate, limits } = this.dependencies;
    const usage = this.#models?.usage ?? null;
    if (this.call.origin === 'request') gate.leave();
    if (usage !== null) limits.charge(this.call.key, usage.total_tokens);
  }

  replay(outcome: Outcome): Iterable<Delta> {
    return this.call.task.replay(outcome);
  }
}

class RunContext implements TaskContext {
  #realSignal: AbortSignal | undefined;

  constructor(
    readonly models: ModelClient,
    private readonly call: InferenceCall,
    private readonly runSignal: AbortSignalLike,
  ) {}

  get tenant(): string {
    return this.call.tenant;
  }

  /** Made for the tasks that ask for it: most leave it to the model client. */
  get signal(): AbortSignal {
    return (this.#realSignal ??= toAbortSignal(this.runSignal));
  }

  readonly progress = async (fraction: number, message?: string): Promise<void> => {
    await this.call.onProgress?.(fraction, message ?? null);
  };
}
