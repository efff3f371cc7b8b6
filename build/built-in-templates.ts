import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'rolldown';
import { answersSchema } from '../src/options/answers-schema.js';
import { offeredOptions } from '../src/options/offered-options.js';
import { bundleTemplates } from '../src/template/bundle-templates.js';

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
      this.emitFile({ type: 'asset', fileName: 'templates.json.br', source: compress(bundle) });
      this.emitFile({
        type: 'asset',
        fileName: 'template.schema.json',
        source: JSON.stringify(JSON.parse(schema)),
      });
      const answers = JSON.stringify(answersSchema(offeredOptions(catalog)));
      this.emitFile({ type: 'asset', fileName: 'answers.schema.json', source: answers });
    },
  };
}

/** Text that is all ASCII, of JSON. */
function escapeOthers(json: string): string {
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  // Without the flag `u` it is code units that match, and JSON escapes those.
  return json.replaceAll(/[^\0-\x7f]/g, escape);
}

function compress(value: unknown): Uint8Array {
  const text = escapeOthers(JSON.stringify(value));
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    [constants.BROTLI_PARAM_NPOSTFIX]: 1,
  };
  return brotliCompressSync(text, { params });
}
