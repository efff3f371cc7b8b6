import { defineConfig, type Plugin } from 'rolldown';
import { builtInTemplates } from './build/built-in-templates.js';
import { lighterParts } from './build/lighter-parts.js';
import { recommendation } from './build/recommendation.js';
import { renderProgram } from './build/render-program.js';
import { thirdPartyLicenses } from './build/third-party-licenses.js';

/** The bundle is CommonJS, because Node starts that in a tenth less time than modules. */
function commonJs(): Plugin {
  return {
    name: 'common-js',
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: 'package.json',
        source: '{ "type": "commonjs" }\n',
      });
    },
  };
}

const program = renderProgram();

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  preserveEntrySignatures: false,
  // Packing the templates takes most of a build, as it is to.
  checks: { bundlerTimings: false },
  resolve: { alias: { 'graceful-fs': 'node:fs' } },
  treeshake: {
    manualPureFunctions: ['createExeca', 'getIpcExport'],
    // Nothing that is bundled does something when it is looked at.
    propertyReadSideEffects: false,
    unknownGlobalSideEffects: false,
  },
  output: {
    dir: 'dist',
    format: 'cjs',
    cleanDir: true,
    minify: true,
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting: {
      includeDependenciesRecursively: false,
      // Needed together, so one file each: that takes less room in the package, and less time to find.
      groups: [
        {
          name: 'template-commands',
          test: /src\/(?:cli\/template\/(?!open-source)|template\/validate\/)/,
        },
        {
          name: 'fetch',
          test: /(?:src\/template\/source\/(?:fetch(?!-template)|run-|unwrap|read-archive|check-|too-|explain-)|modern-tar\/)/,
        },
        {
          name: 'run-command',
          test: /src\/project\/(?:check-service|run-command|smoke-)/,
        },
      ],
    },
  },
  plugins: [
    lighterParts(),
    builtInTemplates('templates'),
    recommendation('bench/results.json'),
    program,
    thirdPartyLicenses(program.modules),
    commonJs(),
  ],
});
