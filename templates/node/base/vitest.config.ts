import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Servers are started and waited for, on machines that may be busy.
    testTimeout: 30_000,
    // Nothing of the shell that runs the tests may decide how they end.
    env: { NODE_ENV: 'test', PROVIDER: 'mock' },
  },
});
