import type { RequestBindings } from '../env.js';

/** What stands before the path where a proxy's request came here. */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

/** May be written with a slash at the end, too. */
const COLLECTIONS: ReadonlySet<string> = new Set(['/v1/models/', '/v1/tasks/', '/v1/jobs/']);

/**
 * The path as it was sent, decoded but for what would change its parts. Of a `Request`, whose URL has no `..` left, it
 * would be another one than a proxy before this server has seen.
 */
export function getPath(request: Request, options?: { readonly env?: RequestBindings }): string {
  const raw = rawPath(options?.env?.url ?? request.url);
  const path = (raw.includes('%') ? decode(raw) : raw) ?? raw;
  return COLLECTIONS.has(path) ? path.slice(0, -1) : path;
}

/** Without the query, and not decoded. */
export function rawPath(url: string): string {
  const target = url.startsWith('/') ? url : url.replace(ORIGIN, '');
  const end = target.search(/[?#]/);
  return (end < 0 ? target : target.slice(0, end)) || '/';
}

export function isDecodable(path: string): boolean {
  return !path.includes('%') || decode(path) !== undefined;
}

/** Leaves `%25` as it is, so that parameters, which are decoded by themselves, are not decoded twice. */
function decode(path: string): string | undefined {
  try {
    return decodeURI(path.replaceAll('%25', '%2525'));
  } catch {
    return undefined;
  }
}
