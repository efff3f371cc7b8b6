import { acceptBackends, ON_REDIS } from './accept-backends.js';

await acceptBackends('express', [
  // The contract is checked in house-style.test.ts, on a template that extends it.
  { store: 'memory', version: '22', suites: [] },
  { store: 'redis', version: '24', suites: [ON_REDIS] },
]);
