import { existsSync, readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';
import { NOT_MEASURED } from '../src/recommend/measurements.js';

/** What `bench/frameworks.mjs --save` found out, as data of the package; without it nothing is said of figures. */
export function measurements(file: string): Plugin {
  return {
    name: 'measurements',
    generateBundle() {
      const found: unknown = existsSync(file)
        ? JSON.parse(readFileSync(file, 'utf8'))
        : NOT_MEASURED;
      this.emitFile({
        type: 'asset',
        fileName: 'measurements.json',
        source: JSON.stringify(found),
      });
    },
  };
}
