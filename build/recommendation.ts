import { existsSync, readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';
import { NOT_MEASURED } from '../src/recommend/measurements.js';

/**
 * What recommendations need and are: the figures that `bench/frameworks.mjs --save` found, none where it has not run, and
 * the schema of what is printed.
 */
export function recommendation(results: string): Plugin {
  return {
    name: 'recommendation',
    generateBundle() {
      const found: unknown = existsSync(results)
        ? JSON.parse(readFileSync(results, 'utf8'))
        : NOT_MEASURED;
      const schema = readFileSync('src/recommend/recommendation.schema.json', 'utf8');
      this.emitFile({
        type: 'asset',
        fileName: 'measurements.json',
        source: JSON.stringify(found),
      });
      this.emitFile({ type: 'asset', fileName: 'recommendation.schema.json', source: schema });
    },
  };
}
