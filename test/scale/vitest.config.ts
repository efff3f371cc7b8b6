import { defineConfig } from 'vitest/config';

// Run on demand, against the backend that the environment names, as the conformance suite is (see README.md).
export default defineConfig({
  test: {
    name: 'scale',
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['../contract/subject/global-setup.ts'],
    pool: 'forks',
    // Each of them starts half a dozen processes and keeps them busy.
    fileParallelism: false,
    testTimeout: 420_000,
    hookTimeout: 60_000,
  },
});
