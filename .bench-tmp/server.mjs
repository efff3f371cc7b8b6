/**
 * How much the generated server costs, beside floors and a peer on the same machine.
 *
 *   npm run bench:server [-- --rounds 5 --seconds 3 --only proxied,streams --project <built project> --no-peer]
 *
 * What is measured and how is said in README.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readOptions } from './options.mjs';
import { freePort, LOAD_CORE, PinnedProcess, SERVER_CORE } from './server/pinned-process.mjs';
import { preparePeer, prepareProject } from './server/prepare.mjs';
import { residentMemory } from './server/processor-time.mjs';
import { printReport } from './server/report.mjs';
import { requestText, SCENARIOS } from './server/scenarios.mjs';
import { fastifyFloor, generatedServer, nodeFloor, portkeyGateway } from './server/subjects.mjs';

const REPOSITORY = dirname(import.meta.dirname);
const WARM_UP_SECONDS = 0.5;
/** Before the first round, for the compiler: the first thousands of requests are not what a server is for. */
const FIRST_WARM_UP_SECONDS = 3;

const options = readOptions(
  'How much the generated server costs, beside floors and a peer on the same machine.',
  {
    rounds: { help: 'how often all take turns', value: 5, least: 1 },
    seconds: { help: 'for how long each is measured in a round', value: 3, least: 0.1 },
    only: { help: 'what is measured', oneOf: [...SCENARIOS.map(({ name }) => name), 'start'] },
    project: { help: 'one that is built already', isProject: true },
    peer: { help: 'without @portkey-ai/gateway', value: true },
    'cpu-prof': { help: 'where profiles of the generated server go' },
  },
);
const scratch = mkdtempSync(join(tmpdir(), 'create-ai-backend-bench-'));
const running = new Set();
try {
  await bench();
} finally {
  await Promise.all([...running].map((child) => child.stop()));
  rmSync(scratch, { recursive: true, force: true });
}

function measures(name) {
  return options.only === undefined || options.only.includes(name);
}

async function bench() {
  keepToLoadCore();
  keepLoadCoreAwake();
  const upstream = await start({ name: 'upstream', core: LOAD_CORE, args: [file('upstream.mjs')] });
  const subjects = await listSubjects(`http://127.0.0.1:${upstream.port}/v1`);
  const startTimes = measures('start') ? await measureStarts(subjects) : new Map();

  for (const subject of subjects) subject.process = await startSubject(subject);
  const load = startProcess({
    name: 'load',
    core: LOAD_CORE,
    args: [file('load.mjs')],
    ipc: true,
  });
  const measurements = await measureScenarios(subjects, load);
  const memory = new Map(subjects.map(({ name, process: { pid } }) => [name, residentMemory(pid)]));
  printReport({ subjects, scenarios: SCENARIOS, measurements, startTimes, memory, options });
}

/** This process and all that it starts, except for what is pinned to the other core. */
function keepToLoadCore() {
  if (cpus().length < 2) throw new Error('The benchmark needs two cores.');
  const args = ['--pid', '--cpu-list', String(LOAD_CORE), String(process.pid)];
  execFileSync('taskset', args, { stdio: 'ignore' });
}

/**
 * A sleeping core has to be woken for each answer to a load generator that waits. In a virtual machine that takes longer
 * than many an answer, and would be charged to whichever server is slow enough to leave it time to sleep.
 */
function keepLoadCoreAwake() {
  startProcess({ name: 'awake', core: LOAD_CORE, args: ['-e', 'for (;;);'], idle: true });
}

async function listSubjects(upstream) {
  const project = options.project ?? prepareProject(REPOSITORY, scratch);
  const peer = options.peer ? preparePeer(scratch) : undefined;
  const port = await freePort();
  const subjects = [
    generatedServer(project, upstream),
    fastifyFloor(REPOSITORY, upstream),
    nodeFloor(upstream),
    ...(peer === undefined ? [] : [{ ...portkeyGateway(peer, upstream, port), port }]),
  ];
  for (const subject of subjects) subject.port ??= await freePort();
  return subjects;
}

async function measureStarts(subjects) {
  const times = new Map(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const subject of subjects) {
      const begun = performance.now();
      const child = await startSubject(subject);
      times.get(subject.name).push(performance.now() - begun);
      await stopProcess(child);
    }
  }
  return times;
}

async function startSubject({ name, port, args, cwd, env, paths }) {
  const profiles = options['cpu-prof'] && resolve(options['cpu-prof']);
  const profiling = name === 'generated' && profiles !== undefined;
  const child = startProcess({
    name,
    core: SERVER_CORE,
    args: [...(profiling ? ['--cpu-prof', '--cpu-prof-dir', profiles] : []), ...args],
    cwd,
    env: { ...env, HOST: '127.0.0.1', PORT: String(port) },
  });
  await child.answers(port, paths.hello);
  return child;
}

/** All subjects take turns in every round, so that what else the machine does falls on each of them alike. */
async function measureScenarios(subjects, load) {
  const scenarios = SCENARIOS.filter(({ name }) => measures(name));
  const measurements = [];
  for (let round = -1; round < options.rounds; round++) {
    for (const scenario of scenarios) {
      for (const subject of subjects.filter(({ paths }) => scenario.path in paths)) {
        const figures = await measure(scenario, subject, load, round < 0);
        if (round < 0) continue;
        measurements.push({ round, scenario: scenario.name, subject: subject.name, ...figures });
      }
    }
  }
  return measurements;
}

async function measure(scenario, subject, load, isWarmUp) {
  const figures = await load.ask({
    port: subject.port,
    request: requestText(scenario, subject),
    connections: scenario.connections,
    warmUpSeconds: isWarmUp ? FIRST_WARM_UP_SECONDS : (scenario.warmUpSeconds ?? WARM_UP_SECONDS),
    seconds: isWarmUp ? 0 : options.seconds,
    pid: subject.process.pid,
  });
  // Lines of hundreds of thousands of requests are not kept.
  truncateSync(subject.process.logFile);
  if (figures.failure === null) return figures;
  throw new Error(`${subject.label}, ${scenario.label}: ${figures.failure}`);
}

function file(name) {
  return join(import.meta.dirname, 'server', name);
}

async function start({ name, core, args }) {
  const port = await freePort();
  const child = startProcess({ name, core, args, env: { PORT: String(port) } });
  await child.answers(port, '/');
  return { port };
}

function startProcess(settings) {
  const child = PinnedProcess.start({ ...settings, scratch });
  running.add(child);
  return child;
}

async function stopProcess(child) {
  await child.stop();
  running.delete(child);
}
