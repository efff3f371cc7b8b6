/** The person left, by Ctrl-C. */
export const CANCELLED = Symbol('cancelled');
/** The person wants the question before this one. */
export const BACK = Symbol('back');

export type Reply<Value> = Value | typeof CANCELLED | typeof BACK;
