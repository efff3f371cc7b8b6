// The header `Retry-After` (RFC 9110, section 10.2.3).

/**
 * @param header seconds, or a date
 * @returns milliseconds from now; null when it says neither
 */
export function parseRetryAfter(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

/** The header for a caller: whole seconds, at least one. */
export function retryAfter(milliseconds: number | null): { 'retry-after': string } {
  return { 'retry-after': String(Math.max(1, Math.ceil((milliseconds ?? 0) / 1_000))) };
}
