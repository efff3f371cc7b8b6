import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Run on demand, against the backend that the environment names (see README.md); `npm test` does not include it.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    // Those of its own, and none of what may be installed below.
    include: ['*.test.ts'],
    // It may be a package in `node_modules`, where vitest would otherwise look for no tests and leave TypeScript alone.
    exclude: [],
    server: { deps: { inline: [/create-ai-backend-contract/] } },
    globalSetup: ['subject/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A backend that somebody else runs knows one upstream port, and Redis servers have few databases: one file at a time.
    fileParallelism: ['CONTRACT_BASE_URL', 'CONTRACT_QUEUE_REDIS_URL'].every(
      (name) => process.env[name] === undefined,
    ),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { concurrent: false },
    // Tests that are concurrent mostly wait: for a breaker to close, for a webhook to be tried again.
    maxConcurrency: 20,
    reporters: ['default', join(import.meta.dirname, 'failure-summary.ts')],
  },
});
