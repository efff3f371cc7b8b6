export interface BaseUrl {
  readonly origin: string;
  /** Without slashes at its end. */
  readonly path: string;
  /** The base may have a query of its own, as Azure's has (`?api-version=…`). */
  readonly search: string;
}

const known = new Map<string, BaseUrl>();

/** Base URLs come from the configuration: they are few, and parsed once. */
export function parseBaseUrl(text: string): BaseUrl {
  const parsed = known.get(text);
  if (parsed !== undefined) return parsed;
  const { origin, pathname, search } = new URL(text);
  const baseUrl = { origin, path: pathname.replace(/\/+$/, ''), search };
  known.set(text, baseUrl);
  return baseUrl;
}
