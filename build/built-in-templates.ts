import { readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';
import { bundleTemplates } from '../src/template/bundle-templates.js';

/** The templates as data: one file, read once. Packing can neither drop nor rename what is in it (.gitignore, .npmrc). */
export function builtInTemplates(folder: string): Plugin {
  return {
    name: 'built-in-templates',
    generateBundle() {
      const { catalog, bundle } = bundleTemplates(folder);
      const schema = readFileSync('src/template/template.schema.json', 'utf8');
      this.emitFile({ type: 'asset', fileName: 'catalog.json', source: JSON.stringify(catalog) });
      this.emitFile({ type: 'asset', fileName: 'templates.json', source: JSON.stringify(bundle) });
      this.emitFile({ type: 'asset', fileName: 'template.schema.json', source: schema });
    },
  };
}
