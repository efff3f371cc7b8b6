import { defineConfig } from 'vitest/config';

// Run on demand, since installing and building images takes minutes.
export default defineConfig({
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
