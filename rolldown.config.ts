import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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
    },
  };
}

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  output: {
    dir: 'dist',
    cleanDir: true,
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  },
  plugins: [builtInTemplates()],
});
