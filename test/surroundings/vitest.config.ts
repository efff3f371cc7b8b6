import { defineConfig } from 'vitest/config';
import { resolveAcrossLayers } from '../support/resolve-across-layers.js';

// Run on demand, since installing and building images takes minutes.
export default defineConfig({
  plugins: [resolveAcrossLayers(['fastify'], 'node/store-redis')],
  test: {
    name: 'surroundings',
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['../support/pack-tarball.ts'],
    testTimeout: 30_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
});
