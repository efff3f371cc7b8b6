/** Who calls. */
export interface Principal {
  /** Whose data this is: jobs, cached answers and idempotency keys of one tenant are never another's. */
  readonly tenant: string;
  /** The id of an API key, for limits; the key cannot be told from it. */
  readonly key: string;
}

/** Every caller, where no keys are configured. */
export const ANYBODY: Principal = { tenant: 'default', key: 'open' };
