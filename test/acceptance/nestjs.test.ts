import { acceptBackends, ON_A_CLUSTER, ON_ONE_PROCESS } from './accept-backends.js';

await acceptBackends('nestjs', [
  { store: 'memory', version: '24', suites: [ON_ONE_PROCESS] },
  { store: 'redis', version: '20.19', suites: [ON_A_CLUSTER] },
]);
