import type { Manifest } from './manifest.js';
import { listLayer } from './read-layer.js';
import type { Template } from './template.js';

/**
 * What the template in a folder consists of, in one line: its manifest, every file of every layer, and the same of all
 * that it extends. Two templates that could make different projects with one version of the generator have different
 * digests; what came with the generator counts by its name, so that a new version of it needs no new trust. Which files
 * are executable does not count, since Windows does not know.
 */
export function digestFolder(
  root: string,
  shown: string,
  manifest: Manifest,
  parents: readonly Template[],
): string {
  const files = manifest.layers.flatMap(({ from }) =>
    listLayer(root, from, shown).map(({ path, bytes }) => [from, path, sha256(bytes)]),
  );
  const extended = parents.map((parent) => (parent.isBuiltIn ? parent.origin : parent.digest()));
  return `sha256:${sha256(JSON.stringify([manifest, files, extended]))}`;
}

/** Built-in templates have been digested when the package was built, so node:crypto is loaded for others only. */
function sha256(data: string | Uint8Array): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(data).digest('hex');
}
