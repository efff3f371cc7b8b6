import { acceptBackends, ON_ONE_PROCESS, ON_REDIS } from './accept-backends.js';

await acceptBackends('hono', [
  { store: 'memory', version: '26', suites: [ON_ONE_PROCESS] },
  { store: 'redis', version: '22', suites: [ON_REDIS] },
]);
