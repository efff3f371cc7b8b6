/**
 * How much the generated server costs, beside floors and a peer on the same machine.
 *
 *   npm run bench:server [-- --rounds 5 --only proxied,streams --project <built project> --no-peer --busy-poll]
 *
 * What is measured and how is said in README.md.
 */
import { dirname } from 'node:path';
import { readOptions } from './options.mjs';
import { Bench, COMMON_OPTIONS } from './server/bench.mjs';
import { freePort } from './server/pinned-process.mjs';
import { preparePeer, prepareProject } from './server/prepare.mjs';
import { printReport } from './server/report.mjs';
import { SCENARIOS } from './server/scenarios.mjs';
import { floor, generatedServer, nodeFloor, portkeyGateway } from './server/subjects.mjs';

const REPOSITORY = dirname(import.meta.dirname);

const options = readOptions(
  'How much the generated server costs, beside floors and a peer on the same machine.',
  {
    ...COMMON_OPTIONS,
    project: { help: 'one that is built already', isProject: true },
    peer: { help: 'without @portkey-ai/gateway', value: true },
    'busy-poll': { help: 'load and upstream never sleep, so that none is woken', value: false },
  },
);

await Bench.run(options, async (bench) => {
  const upstream = await bench.startUpstream();
  const project = options.project ?? prepareProject(REPOSITORY, bench.scratch, 'fastify');
  const peer = options.peer ? preparePeer(bench.scratch) : undefined;
  const port = await freePort();
  const subjects = [
    generatedServer('fastify', project, upstream),
    floor('fastify', REPOSITORY, upstream),
    nodeFloor(upstream),
    ...(peer === undefined ? [] : [{ ...portkeyGateway(peer, upstream, port), port }]),
  ];
  const results = await bench.measure(subjects, ['generated-fastify']);
  printReport({ subjects, scenarios: SCENARIOS, results, options });
});
