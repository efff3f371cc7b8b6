import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, LOAD_CORE, PinnedProcess, SERVER_CORE } from './pinned-process.mjs';
import { residentMemory } from './processor-time.mjs';
import { Results } from './results.mjs';
import { requestText, SCENARIOS } from './scenarios.mjs';

/** Of a turn, for its connections. */
const WARM_UP_SECONDS = 0.25;
/**
 * Right before a load is measured, for the compiler: in the first four seconds of it a request costs up to nine times what
 * it does then, and after another load up to twice, since much of what was compiled did not fit that one.
 */
const FIRST_WARM_UP = { warmUpSeconds: 5, seconds: 0 };
/** In so many parts each is measured in a round, one part of every server after the other. */
const TURNS = 5;

/** What both benchmarks of servers let be chosen. */
export const COMMON_OPTIONS = {
  rounds: { help: 'how often all are started and measured', value: 5, least: 1 },
  seconds: { help: 'for how long each is measured in a round', value: 3, least: 0.1 },
  only: { help: 'what is measured', oneOf: [...SCENARIOS.map(({ name }) => name), 'start'] },
  'cpu-prof': { help: 'where profiles of the generated servers go' },
};

/** Runs servers, an upstream and a load generator, each on its core, and measures; ends all that it has started. */
export class Bench {
  #running = new Set();
  #profiled = new Set();
  #load;

  /** Makes what is needed, hands it over, and ends it in any case. */
  static async run(options, work) {
    const bench = new Bench(options);
    const interrupt = () => bench.#close().then(() => process.exit(130));
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      await work(bench);
    } finally {
      await bench.#close();
    }
  }

  constructor(options) {
    this.options = options;
    this.scratch = mkdtempSync(join(tmpdir(), 'create-ai-backend-bench-'));
    keepToLoadCore();
    // A sleeping core has to be woken for each answer to a load generator that waits. In a virtual machine that takes
    // longer than many an answer, and would be charged to whichever server is slow enough to leave it time to sleep.
    this.#startProcess({ name: 'awake', core: LOAD_CORE, args: ['-e', 'for (;;);'], idle: true });
  }

  measures(name) {
    return this.options.only === undefined || this.options.only.includes(name);
  }

  /** @returns the base URL of the upstream, an API of OpenAI's kind */
  async startUpstream() {
    const port = await freePort();
    const isBusy = this.options['busy-poll'];
    const child = this.#startProcess({
      name: 'upstream',
      core: LOAD_CORE,
      args: [file(isBusy ? 'busy-load.mjs' : 'upstream.mjs')],
      env: { PORT: String(port) },
      ipc: isBusy,
    });
    if (isBusy) this.#load = child;
    await child.answers(port, '/');
    return `http://127.0.0.1:${port}/v1`;
  }

  /**
   * Measures all subjects in all scenarios that are wanted, in new processes in every round: what the compiler and the
   * collector of garbage settle on differs from one process to the next, by a tenth and more.
   *
   * @param subjects as subjects.mjs makes them; those named in `profiled` write profiles where they are wanted
   * @returns {Promise<Results>}
   */
  async measure(subjects, profiled) {
    this.#profiled = new Set(profiled);
    for (const subject of subjects) subject.port ??= await freePort();
    this.#load ??= this.#startProcess({
      name: 'load',
      core: LOAD_CORE,
      args: [file('load.mjs')],
      ipc: true,
    });
    const measurements = [];
    const startTimes = new Map(subjects.map(({ name }) => [name, []]));
    const memory = new Map(subjects.map(({ name }) => [name, []]));
    for (let round = 0; round < this.options.rounds; round++) {
      for (const subject of subjects) {
        const begun = performance.now();
        subject.process = await this.#startSubject(subject);
        startTimes.get(subject.name).push(performance.now() - begun);
      }
      measurements.push(...(await this.#measureScenarios(subjects, round)));
      for (const { name, process } of subjects) {
        memory.get(name).push(residentMemory(process.pid));
        await process.stop();
        this.#running.delete(process);
      }
    }
    return new Results({ measurements, startTimes, memory });
  }

  async #startSubject({ name, port, args, cwd, env, paths }) {
    const profiles = this.options['cpu-prof'] && resolve(this.options['cpu-prof']);
    const profiling = this.#profiled.has(name) && profiles !== undefined;
    const child = this.#startProcess({
      name,
      core: SERVER_CORE,
      args: [...(profiling ? ['--cpu-prof', '--cpu-prof-dir', profiles] : []), ...args],
      cwd,
      env: { ...env, HOST: '127.0.0.1', PORT: String(port) },
    });
    await child.answers(port, paths.hello);
    return child;
  }

  async #measureScenarios(subjects, round) {
    const measurements = [];
    for (const scenario of SCENARIOS.filter(({ name }) => this.measures(name))) {
      const able = subjects.filter(({ paths }) => scenario.path in paths);
      for (const subject of able) await this.#measureOnce(scenario, subject, FIRST_WARM_UP);
      measurements.push(...(await this.#measureInTurns(scenario, able, round)));
    }
    return measurements;
  }

  /** All subjects take turns, so that what else the machine does falls on each of them alike. */
  async #measureInTurns(scenario, subjects, round) {
    const { turns = TURNS, warmUpSeconds = WARM_UP_SECONDS } = scenario;
    const times = { warmUpSeconds, seconds: this.options.seconds / turns };
    const measurements = [];
    for (let turn = 0; turn < turns; turn++) {
      // Another one begins each turn: whoever does finds the upstream at rest.
      for (const subject of rotated(subjects, round * turns + turn)) {
        const figures = await this.#measureOnce(scenario, subject, times);
        measurements.push({ scenario: scenario.name, subject: subject.name, ...figures });
      }
    }
    return measurements;
  }

  async #measureOnce(scenario, subject, times) {
    const figures = await this.#load.ask({
      ...times,
      port: subject.port,
      request: requestText(scenario, subject),
      connections: scenario.connections,
      pid: subject.process.pid,
    });
    // Lines of hundreds of thousands of requests are not kept.
    truncateSync(subject.process.logFile);
    if (figures.failure === null) return figures;
    throw new Error(`${subject.label}, ${scenario.label}: ${figures.failure}`);
  }

  #startProcess(settings) {
    const child = PinnedProcess.start({ ...settings, scratch: this.scratch });
    this.#running.add(child);
    return child;
  }

  async #close() {
    await Promise.all([...this.#running].map((child) => child.stop()));
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

function rotated(items, places) {
  const first = places % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** This process and all that it starts, except for what is pinned to the other core. */
function keepToLoadCore() {
  if (cpus().length < 2) throw new Error('The benchmark needs two cores.');
  const args = ['--pid', '--cpu-list', String(LOAD_CORE), String(process.pid)];
  execFileSync('taskset', args, { stdio: 'ignore' });
}

function file(name) {
  return join(import.meta.dirname, name);
}
