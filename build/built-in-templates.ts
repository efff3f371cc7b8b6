import { readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';
import { minifySync } from 'rolldown/utils';
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
      const { catalog, bundle } = await bundleTemplates(folder, shorten);
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

/** A body is no program, so it is made that of a function meanwhile. What it is given has a name that it must keep. */
function shorten(body: string): string {
  const program = `render = function () {${body}}`;
  const { code, errors } = minifySync('template.js', program, { mangle: false });
  if (errors[0] !== undefined) throw new Error(`ejs has made no JavaScript: ${errors[0].message}`);
  return code.slice(code.indexOf('{') + 1, code.lastIndexOf('}'));
}
