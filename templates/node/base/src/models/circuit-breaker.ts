import {
  circuitBreaker,
  CircuitState as State,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { UpstreamError } from '../providers/upstream-error.js';
import type { CircuitState } from '../telemetry/model-call-metrics.js';

const FAILURES_IN_A_ROW = 5;
const OPEN_MS = 10_000;

/** Leaves a target alone that fails again and again, and then asks it by a single call whether it is back. */
export class CircuitBreaker {
  readonly #failures = new ConsecutiveBreaker(FAILURES_IN_A_ROW);
  readonly #policy: CircuitBreakerPolicy;
  #probeAt = 0;

  /** @param onChange told whenever the circuit opens, half-opens or closes */
  constructor(onChange: (state: CircuitState) => void) {
    const breaker = this.#failures;
    this.#policy = circuitBreaker(
      handleWhen((error) => this.#isFailure(error)),
      { halfOpenAfter: OPEN_MS, breaker },
    );
    this.#policy.onBreak(() => {
      this.#probeAt = Date.now() + OPEN_MS;
    });
    this.#policy.onReset(() => {
      // A probe that is refused closes the circuit as well, but leaves the count as it was.
      breaker.success();
    });
    this.#policy.onStateChange(() => {
      onChange(this.state);
    });
  }

  get state(): CircuitState {
    if (this.#policy.state === State.Closed) return 'closed';
    return this.msUntilProbe > 0 ? 'open' : 'half-open';
  }

  /** Whether a call would be made now. While a probe is under way there is no other. */
  admitsCalls(): boolean {
    const { state } = this.#policy;
    return state === State.Closed || (state === State.Open && this.msUntilProbe === 0);
  }

  /** How long the circuit stays open, in milliseconds. */
  get msUntilProbe(): number {
    return Math.max(0, this.#probeAt - Date.now());
  }

  /** Makes a call, which must have been admitted in the same breath, and notes how it went. */
  run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return this.#policy.execute(call);
  }

  #isFailure(error: Error): boolean {
    if (error instanceof UpstreamError) return error.traits.isOutage;
    // A caller who left says nothing of the target. As a probe, it has not shown that the target is back.
    return this.#policy.state !== State.Closed;
  }
}
