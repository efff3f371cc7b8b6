import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { resolveAcrossLayers } from './test/support/resolve-across-layers.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const TEMPLATES = join(import.meta.dirname, 'templates');

const TEMPLATE_TESTS = {
  testTimeout: 30 * SECOND,
  env: { NODE_ENV: 'test', PROVIDER: 'mock' },
  setupFiles: ['test/support/run-in-layer.ts'],
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{options,template,plan,project,cli}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/support/pack-tarball.ts'],
          testTimeout: MINUTE,
          hookTimeout: MINUTE,
        },
      },
      {
        test: {
          name: 'acceptance',
          include: ['test/acceptance/**/*.test.ts'],
          globalSetup: ['test/support/pack-tarball.ts'],
          testTimeout: MINUTE,
          hookTimeout: MINUTE,
        },
      },
      'test/surroundings/vitest.config.ts',
      {
        plugins: [resolveAcrossLayers(TEMPLATES, 'node/store-redis')],
        test: {
          ...TEMPLATE_TESTS,
          name: 'templates',
          include: ['templates/*/*/test/**/*.test.ts'],
          exclude: ['templates/node/store-redis/**'],
        },
      },
      {
        plugins: [resolveAcrossLayers(TEMPLATES, 'node/store-memory')],
        test: {
          ...TEMPLATE_TESTS,
          name: 'templates-redis',
          include: ['templates/node/store-redis/test/**/*.test.ts'],
        },
      },
    ],
  },
});
