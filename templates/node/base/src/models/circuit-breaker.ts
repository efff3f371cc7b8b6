import { UpstreamError } from '../providers/upstream-error.js';
import type { CircuitState } from '../telemetry/model-call-metrics.js';

const FAILURES_IN_A_ROW = 5;
const OPEN_MS = 10_000;

/** Leaves a target alone that fails again and again, and then asks it by a single call whether it is back. */
export class CircuitBreaker {
  #failures = 0;
  #isOpen = false;
  #isProbing = false;
  /** When an open circuit may be probed, by `Date.now()`. */
  #probeAt = 0;

  /** @param onChange told whenever the circuit opens, half-opens or closes */
  constructor(private readonly onChange: (state: CircuitState) => void) {}

  get state(): CircuitState {
    if (!this.#isOpen) return 'closed';
    return this.msUntilProbe > 0 ? 'open' : 'half-open';
  }

  /** Whether a call would be made now. While a probe is under way there is no other. */
  admitsCalls(): boolean {
    return !this.#isOpen || (!this.#isProbing && this.msUntilProbe === 0);
  }

  /** How long the circuit stays open, in milliseconds. */
  get msUntilProbe(): number {
    return Math.max(0, this.#probeAt - Date.now());
  }

  /** Makes a call, which must have been admitted in the same breath, and notes how it went. */
  async run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const isProbe = this.#isOpen;
    if (isProbe) this.#beginProbe();
    try {
      const answer = await call();
      this.#failures = 0;
      if (isProbe) this.#close();
      return answer;
    } catch (error) {
      if (isProbe) this.#endProbe(error);
      else this.#noteFailure(error);
      throw error;
    }
  }

  #beginProbe(): void {
    this.#isProbing = true;
    this.onChange('half-open');
  }

  /** Whoever answers is back, whatever it answers. A caller who left has not learnt whether it would have. */
  #endProbe(error: unknown): void {
    const hasAnswered = error instanceof UpstreamError && !error.traits.isOutage;
    if (hasAnswered) this.#close();
    else this.#open();
  }

  #noteFailure(error: unknown): void {
    if (!(error instanceof UpstreamError) || !error.traits.isOutage) return;
    this.#failures += 1;
    if (this.#failures >= FAILURES_IN_A_ROW && !this.#isOpen) this.#open();
  }

  #open(): void {
    this.#isOpen = true;
    this.#isProbing = false;
    this.#probeAt = Date.now() + OPEN_MS;
    this.onChange('open');
  }

  #close(): void {
    this.#isOpen = false;
    this.#isProbing = false;
    this.#failures = 0;
    this.onChange('closed');
  }
}
