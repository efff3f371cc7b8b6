import type { Facts } from './manifest.js';

/** Later facts win; objects are merged, everything else (lists too) is replaced. */
export function mergeFacts(base: Facts, over: Facts): Facts {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const inherited = merged[key];
    const merge = isFacts(inherited) && isFacts(value);
    // defineProperty, because a key named __proto__ must stay a key
    Object.defineProperty(merged, key, {
      value: merge ? mergeFacts(inherited, value) : value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return merged;
}

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
