/** What interfaces are injected by. Classes of the backend are their own tokens. */

/** A `Backend`. */
export const BACKEND = Symbol('backend');

/** A `Config`, checked already. */
export const CONFIG = Symbol('config');
