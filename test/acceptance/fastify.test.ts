import { acceptBackends, ON_A_CLUSTER, ON_ONE_PROCESS, UNDER_FAILURES } from './accept-backends.js';

// What survives killed workers and a Redis that goes away is in what the frameworks share: it is tested with this one.
await acceptBackends('fastify', [
  { store: 'memory', version: '20.19', suites: [ON_ONE_PROCESS] },
  { store: 'redis', version: '24', suites: [ON_A_CLUSTER, UNDER_FAILURES] },
]);
