import { conditionsOf } from '../check-conditions.js';
import type { Fault } from '../check-schema.js';
import { lineageOf } from '../lineage.js';
import { isUnrendered } from '../render/render-layers.js';
import type { Template } from '../template.js';

/** Questions whose answer changes nothing. Those of a template that exists to be extended may be for others to use. */
export function findIdleOptions(template: Template): Fault[] {
  const { selectable = true, options = {} } = template.manifest;
  if (!selectable) return [];
  const lineage = lineageOf(template);
  const conditions = lineage
    .flatMap(({ manifest }) => [...conditionsOf(manifest)])
    .filter(({ path }) => path[0] !== 'examples');
  const texts = lineage.flatMap(renderedTexts);
  const isUsed = (name: string): boolean =>
    conditions.some(({ when }) => Object.hasOwn(when, name)) ||
    texts.some((text) => text.includes('options') && text.includes(name));
  return Object.keys(options)
    .filter((name) => !isUsed(name))
    .map((name) => ({
      path: ['options', name],
      message: 'changes nothing: no condition and no file that ends in .ejs asks for it.',
    }));
}

function renderedTexts(template: Template): readonly string[] {
  return template.manifest.layers
    .flatMap(({ from }) => template.readLayer(from))
    .flatMap((file) => (isUnrendered(file) ? file.content.ejs : []));
}
