import { TemplateError } from '../../errors.js';
import type { ActiveLayer } from '../compose-template.js';
import { refuse, type OnFault } from '../on-fault.js';
import type { RenderData, TemplateFile, Unrendered } from '../template.js';

/**
 * Layers with every file of a template that is not built in rendered; those of built-in ones are rendered by the plan
 * itself. What cannot be rendered is told, and left out.
 */
export async function renderLayers(
  layers: readonly ActiveLayer[],
  data: RenderData,
  onFault: OnFault = refuse,
): Promise<readonly ActiveLayer[]> {
  const files = layers.flatMap((layer) => layer.files.filter(isUnrendered));
  if (files.length === 0) return layers;
  const { renderForeign } = await import('./render-foreign.js');
  const outcomes = await renderForeign(
    files.map(({ origin, content }) => ({ origin, text: content.ejs })),
    data,
  );
  const texts = new Map<TemplateFile, string>();
  for (const [index, file] of files.entries()) {
    const outcome = outcomes[index];
    if (!outcome) continue;
    if ('text' in outcome) texts.set(file, outcome.text);
    else onFault(new TemplateError(outcome.fault));
  }
  return layers.map((layer) => ({
    ...layer,
    files: layer.files.flatMap((file) => {
      if (!isUnrendered(file)) return file;
      const text = texts.get(file);
      return text === undefined ? [] : { ...file, content: () => text };
    }),
  }));
}

export function isUnrendered(
  file: TemplateFile,
): file is TemplateFile & { readonly content: Unrendered } {
  const { content } = file;
  return typeof content === 'object' && 'ejs' in content;
}
