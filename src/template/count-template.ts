import { TemplateError } from '../errors.js';
import type { Fault } from './check-schema.js';
import type { Manifest } from './manifest.js';
import { measureLayer } from './read-layer.js';
import { LIMITS } from './source/limits.js';

/** What a template and all that it extends have come to so far; what came with the generator does not count. */
export interface Count {
  /** Files and folders. */
  entries: number;
  bytes: number;
}

/**
 * Adds a template to the count: its manifest, and every layer as often as it is named, since that is how often it is read.
 * What makes more of it than a template may be, undefined when nothing does. A layer that cannot be read ends the count:
 * its own fault is said when it is read, and nothing is made of the template then.
 */
export function countTemplate(
  root: string,
  shown: string,
  { layers }: Manifest,
  manifestBytes: number,
  count: Count,
): Fault | undefined {
  add(count, { entries: 1, bytes: manifestBytes });
  const fault = excess(count);
  if (fault !== undefined) return { path: [], message: fault };
  for (const [index, { from }] of layers.entries()) {
    try {
      add(count, measureLayer(root, from, shown));
    } catch (error) {
      if (error instanceof TemplateError) return undefined;
      throw error;
    }
    const message = excess(count);
    if (message !== undefined) return { path: ['layers', index, 'from'], message };
  }
  return undefined;
}

function add(count: Count, more: Count): void {
  count.entries += more.entries;
  count.bytes += more.bytes;
}

function excess({ entries, bytes }: Count): string | undefined {
  if (entries > LIMITS.files)
    return tooMuch(formatCount(entries), LIMITS.files.toLocaleString('en'));
  if (bytes > LIMITS.totalBytes) return tooMuch(formatSize(bytes), formatSize(LIMITS.totalBytes));
  return undefined;
}

function tooMuch(found: string, most: string): string {
  return `brings the template and all that it extends to ${found}, more than the ${most} that they may have together.`;
}

function formatCount(entries: number): string {
  return `${entries.toLocaleString('en')} files and folders`;
}

/** Rounded up, so that what is too large does not look as if it were not. */
function formatSize(bytes: number): string {
  return `${Math.ceil((bytes / 1024 / 1024) * 10) / 10} MB`;
}
