import type { Fault } from '../check-schema.js';
import { lineageOf } from '../lineage.js';
import type { Template } from '../template.js';

/** Removals that concern no file of anything that is extended. */
export function findIdleRemovals(template: Template): Fault[] {
  const paths = lineageOf(template)
    .filter((each) => each !== template)
    .flatMap((each) => each.manifest.layers.flatMap(({ from }) => each.readLayer(from)))
    .map(({ path }) => path);
  return (template.manifest.remove ?? []).flatMap(({ path }, index) => {
    const isMeant = (other: string): boolean =>
      path.endsWith('/') ? other.startsWith(path) : other === path;
    if (paths.some(isMeant)) return [];
    return { path: ['remove', index, 'path'], message: `removes nothing: ${reason(path, paths)}` };
  });
}

function reason(path: string, paths: readonly string[]): string {
  if (paths.some((other) => other.startsWith(`${path}/`)))
    return `"${path}" is a folder. Write "${path}/" for all that is in it.`;
  const isName = (other: string): boolean => other.endsWith(`/${path}`);
  const elsewhere = paths.find(isName);
  const hint = elsewhere === undefined ? '' : ` Did you mean "${elsewhere}"?`;
  return `no extended template has "${path}".${hint}`;
}
