import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Nothing of the shell that runs the tests may decide how they end.
    env: { NODE_ENV: 'test', PROVIDER: 'mock' },
  },
});
