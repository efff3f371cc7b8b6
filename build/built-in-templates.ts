import { readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';
import { answersSchema } from '../src/options/answers-schema.js';
import { offeredOptions } from '../src/options/offered-options.js';
import { bundleTemplates } from '../src/template/bundle-templates.js';
import { packBundle } from '../src/template/bundle.js';

/** The templates as data: one file, read once. Packing can neither drop nor rename what is in it (.gitignore, .npmrc). */
export function builtInTemplates(folder: string): Plugin {
  return {
    name: 'built-in-templates',
    /** The schema is published as it is: the program reads that file instead of holding a second copy. */
    resolveId: (source) =>
      source.endsWith('/template.schema.json')
        ? { id: './template.schema.json', external: true }
        : null,
    async generateBundle() {
      const { catalog, bundle } = await bundleTemplates(folder);
      const schema = readFileSync('src/template/template.schema.json', 'utf8');
      this.emitFile({ type: 'asset', fileName: 'catalog.json', source: JSON.stringify(catalog) });
      this.emitFile({ type: 'asset', fileName: 'templates.br', source: packBundle(bundle) });
      this.emitFile({
        type: 'asset',
        fileName: 'template.schema.json',
        source: JSON.stringify(JSON.parse(schema)),
      });
      const answers = answersSchema(offeredOptions(catalog));
      this.emitFile({
        type: 'asset',
        fileName: 'answers.schema.json',
        source: `${JSON.stringify(answers, null, 2)}\n`,
      });
    },
  };
}
