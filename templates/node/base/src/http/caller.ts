import type { Principal } from '../access/principal.js';
import type { Exchange } from './exchange.js';

/** Who asks, as far as the answer depends on it. */
export interface Caller extends Principal {
  readonly requestId: string;
  readonly exchange: Pick<Exchange, 'headers' | 'signal' | 'span' | 'bodyText'>;
}

/** A header that should come once; of several the first counts. */
export function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
