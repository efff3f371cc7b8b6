import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';
import { bundleTemplates } from './src/template/bundle-templates.js';

/** The templates as data: one file, read once; packing can neither drop nor rename what is in it (.gitignore, .npmrc). */
function builtInTemplates(): Plugin {
  return {
    name: 'built-in-templates',
    generateBundle() {
      const { catalog, bundle } = bundleTemplates(process.env['TEMPLATES'] ?? 'templates');
      const schema = readFileSync('src/template/template.schema.json', 'utf8');
      this.emitFile({ type: 'asset', fileName: 'catalog.json', source: JSON.stringify(catalog) });
      this.emitFile({ type: 'asset', fileName: 'templates.json', source: JSON.stringify(bundle) });
      this.emitFile({ type: 'asset', fileName: 'template.schema.json', source: schema });
      this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }' });
    },
  };
}

/** Parts of libraries that cost more at start than this program needs of them, and what stands in for them. */
const LIGHTER: Readonly<Record<string, string>> = {
  './lib/platform-shims/esm.mjs': 'src/cli/yargs-shim.ts',
  'string-width': 'src/cli/ascii-text/string-width.ts',
  'strip-ansi': 'src/cli/ascii-text/strip-ansi.ts',
  'wrap-ansi': 'src/cli/ascii-text/wrap-ansi.ts',
};

function lighterParts(): Plugin {
  return {
    name: 'lighter-parts',
    resolveId: (source, importer) =>
      /node_modules\/(yargs|cliui)\//.test(importer ?? '') ? LIGHTER[source] && resolve(LIGHTER[source]) : null,
  };
}

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  resolve: { alias: { 'graceful-fs': 'node:fs' } },
  output: {
    dir: 'dist',
    format: 'cjs', // Node starts it in a tenth less time than modules
    cleanDir: true,
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  },
  plugins: [lighterParts(), builtInTemplates()],
});
