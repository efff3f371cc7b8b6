import { defineConfig } from 'vitest/config';
import { FRAMEWORKS } from './test/support/frameworks.js';
import { LongestFirst } from './test/support/longest-first.js';
import { resolveAcrossLayers } from './test/support/resolve-across-layers.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The framework that serves where tests of what all share need a server. */
const SHARED_BY_WAY_OF = 'fastify';

/** Each framework, and each platform that one can stand on: the layers that are left out for it. */
const PROGRAMS = FRAMEWORKS.flatMap((framework) =>
  framework === 'nestjs'
    ? [
        { name: 'nestjs', framework, without: ['nestjs/adapter-express'] },
        { name: 'nestjs-express', framework, without: ['nestjs/adapter-fastify'] },
      ]
    : [{ name: framework, framework, without: [] }],
);

const TEMPLATE_TESTS = {
  testTimeout: 30 * SECOND,
  env: { NODE_ENV: 'test', PROVIDER: 'mock' },
  setupFiles: ['test/support/run-in-layer.ts'],
};

export default defineConfig({
  test: {
    // Most of what the acceptance does is waiting: two leave a third of two cores idle.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{options,recommend,template,plan,project,cli,matrix}/**/*.test.ts'],
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
      {
        plugins: [resolveAcrossLayers([SHARED_BY_WAY_OF], 'node/store-redis')],
        test: {
          name: 'surroundings',
          include: ['test/surroundings/**/*.test.ts'],
          globalSetup: ['test/support/pack-tarball.ts'],
          testTimeout: 30 * SECOND,
          hookTimeout: 5 * MINUTE,
        },
      },
      {
        plugins: [resolveAcrossLayers(FRAMEWORKS, 'node/store-redis', 'nestjs/adapter-express')],
        test: {
          ...TEMPLATE_TESTS,
          name: 'answers',
          include: ['test/answers/**/*.test.ts'],
        },
      },
      {
        plugins: [resolveAcrossLayers([SHARED_BY_WAY_OF], 'node/store-redis')],
        test: {
          ...TEMPLATE_TESTS,
          name: 'templates',
          include: ['templates/node/base/test/**/*.test.ts'],
        },
      },
      {
        plugins: [resolveAcrossLayers([SHARED_BY_WAY_OF], 'node/store-memory')],
        test: {
          ...TEMPLATE_TESTS,
          name: 'templates-redis',
          include: ['templates/node/store-redis/test/**/*.test.ts'],
        },
      },
      ...PROGRAMS.map(({ name, framework, without }) => ({
        plugins: [resolveAcrossLayers([framework], 'node/store-redis', ...without)],
        test: {
          ...TEMPLATE_TESTS,
          name: `templates-${name}`,
          include: [
            `templates/${framework}/*/test/**/*.test.ts`,
            // What is shared is tested once; what is served, by each framework.
            ...(framework === SHARED_BY_WAY_OF ? [] : ['templates/node/base/test/http/*.test.ts']),
          ],
        },
      })),
    ],
  },
});
