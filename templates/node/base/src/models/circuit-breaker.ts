import { UpstreamError } from '../providers/upstream-error.js';
import type { CircuitState } from '../telemetry/model-call-metrics.js';

const FAILURES_IN_A_ROW = 5;
const OPEN_MS = 10_000;

/** Leaves a target alone that fails again and again, and then asks it by a single call whether it is back. */
export class CircuitBreaker {
  readonly #onChange: (state: CircuitState) => void;
  #failuresInARow = 0;
  /** When a call may find out whether the target is back; null while the circuit is closed. */
  #probeAt: number | null = null;
  #isProbing = false;

  /** @param onChange told whenever the circuit opens, half-opens or closes */
  constructor(onChange: (state: CircuitState) => void) {
    this.#onChange = onChange;
  }

  get state(): CircuitState {
    if (this.#probeAt === null) return 'closed';
    return this.msUntilProbe > 0 ? 'open' : 'half-open';
  }

  /** Whether a call would be made now. While a probe is under way there is no other. */
  admitsCalls(): boolean {
    return !this.#isProbing && this.state !== 'open';
  }

  /** How long the circuit stays open, in milliseconds. */
  get msUntilProbe(): number {
    return Math.max(0, (this.#probeAt ?? 0) - Date.now());
  }

  /** Makes a call, which must have been admitted in the same breath, and notes how it went. */
  async run<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (this.#probeAt !== null) return this.#probe(call);
    try {
      const answer = await call();
      this.#failuresInARow = 0;
      return answer;
    } catch (error) {
      if (error instanceof UpstreamError && error.traits.isOutage) this.#fail();
      throw error;
    }
  }

  async #probe<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    this.#isProbing = true;
    this.#onChange('half-open');
    try {
      const answer = await call();
      this.#close();
      return answer;
    } catch (error) {
      // A target that refuses a call is back. A caller who left has not shown it.
      if (error instanceof UpstreamError && !error.traits.isOutage) this.#close();
      else this.#open();
      throw error;
    } finally {
      this.#isProbing = false;
    }
  }

  #fail(): void {
    this.#failuresInARow += 1;
    // Calls that began before the circuit opened end while it is open: they tell nothing new.
    if (this.#failuresInARow >= FAILURES_IN_A_ROW && this.#probeAt === null) this.#open();
  }

  #open(): void {
    this.#probeAt = Date.now() + OPEN_MS;
    this.#onChange('open');
  }

  #close(): void {
    this.#probeAt = null;
    this.#failuresInARow = 0;
    this.#onChange('closed');
  }
}
