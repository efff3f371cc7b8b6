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

  /**
   * A call begins, which must have been admitted in the same breath.
   *
   * @returns whether it is the probe, for `succeeded` or `failed`
   */
  begin(): boolean {
    if (!this.#isOpen) return false;
    this.#isProbing = true;
    this.onChange('half-open');
    return true;
  }

  succeeded(isProbe: boolean): void {
    this.#failures = 0;
    if (isProbe) this.#close();
  }

  failed(isProbe: boolean, error: unknown): void {
    if (isProbe) this.#endProbe(error);
    else if (isOutage(error)) this.#noteFailure();
  }

  /** Whoever answers is back, whatever it answers. A caller who left has not learnt whether it would have. */
  #endProbe(error: unknown): void {
    if (error instanceof UpstreamError && !isOutage(error)) this.#close();
    else this.#open();
  }

  #noteFailure(): void {
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

function isOutage(error: unknown): boolean {
  return error instanceof UpstreamError && error.traits.isOutage;
}
