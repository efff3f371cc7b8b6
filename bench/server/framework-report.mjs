import { cpus } from 'node:os';
import { table } from '../statistics.mjs';
import {
  difference,
  firstEventMs,
  microsPerEvent,
  microsPerRequest,
  perSecond,
  ratio,
} from './results.mjs';

/** What is told of each framework: the scenario, the figure, and how it is compared with the floor's. */
const FIGURES = [
  { name: 'helloPerSecond', label: 'hello, per second', scenario: 'hello', figure: perSecond },
  { name: 'cachedPerSecond', label: 'cached, per second', scenario: 'cached', figure: perSecond },
  {
    name: 'proxiedCpuMicros',
    label: 'CPU µs per proxied completion',
    scenario: 'proxied',
    figure: microsPerRequest,
  },
  {
    name: 'chunkCpuMicros',
    label: 'CPU µs per streamed chunk',
    scenario: 'streams',
    figure: microsPerEvent,
  },
  {
    name: 'firstByteMs',
    label: 'first byte, ms',
    scenario: 'first-byte',
    figure: firstEventMs,
    compare: difference,
  },
];

export function describeMachine({ rounds, seconds }) {
  return {
    node: process.version,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    rounds,
    secondsPerRound: seconds,
  };
}

/**
 * @param pairs a generated server and its floor, by framework
 * @returns to each framework its figures and those of its floor; a ratio (for `firstByteMs` a difference) is the median
 *   over all turns of those within a turn
 */
export function figuresOf(pairs, results) {
  return Object.fromEntries(
    pairs.map(({ framework, generated, floor }) => [
      framework,
      {
        version: generated.version,
        ...processFigures(generated, floor, results),
        ...Object.fromEntries(
          FIGURES.filter(({ scenario }) => results.has(scenario, generated.name)).map((told) => [
            told.name,
            scenarioFigures(told, generated, floor, results),
          ]),
        ),
      },
    ]),
  );
}

function scenarioFigures({ scenario, figure, compare = ratio }, generated, floor, results) {
  return {
    measured: rounded(results.median(scenario, generated.name, figure)),
    floor: rounded(results.median(scenario, floor.name, figure)),
    overFloor: rounded(results.compare(scenario, [generated.name, floor.name], compare, figure)),
  };
}

function processFigures(generated, floor, results) {
  const both = (figure) => ({ measured: figure(generated.name), floor: figure(floor.name) });
  return {
    startMs: both((name) => results.startMs(name)),
    memoryMegabytes: both((name) => results.memoryMegabytes(name)),
  };
}

export function printFrameworks({ machine, frameworks }) {
  const { node, processor, cores, rounds, secondsPerRound } = machine;
  console.log(
    `Node ${node}, ${cores} × ${processor}, median of ${rounds} rounds of ${secondsPerRound} s`,
  );
  const names = Object.keys(frameworks);
  const rowOf = ({ name, label }) => [label, ...names.map((each) => cell(frameworks[each][name]))];
  const told = [
    ...FIGURES,
    { name: 'startMs', label: 'start to first answer, ms' },
    { name: 'memoryMegabytes', label: 'memory after load, MB' },
  ];
  const head = ['measured (floor, over floor)', ...names.map((name) => frameworks[name].version)];
  console.log(`\n${table(head, told.map(rowOf))}`);
}

function cell(figures) {
  if (figures === undefined) return '–';
  const { measured, floor, overFloor } = figures;
  return `${measured} (${[floor, overFloor].filter((value) => value !== undefined).join(', ')})`;
}

/** Three digits that count: what is beyond is noise. */
function rounded(value) {
  return Number(value.toPrecision(3));
}
