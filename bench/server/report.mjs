import { cpus } from 'node:os';
import { table } from '../statistics.mjs';
import { LOAD_CORE, SERVER_CORE } from './pinned-process.mjs';
import {
  difference,
  firstEventMs,
  microsPerEvent,
  microsPerRequest,
  perSecond,
  ratio,
} from './results.mjs';

const GENERATED = 'generated-fastify';
const FLOOR = 'floor-fastify';

/** Prints all figures, and how they stand to the targets. */
export function printReport({ subjects, scenarios, results, options }) {
  const { rounds, seconds } = options;
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
  const load = options['busy-poll'] ? ', load and upstream polling' : '';
  console.log(
    `Node ${process.version}, ${machine}, median of ${rounds} rounds of ${seconds} s${load}`,
  );
  for (const { label, version } of subjects) console.log(`  ${label}: ${version}`);
  console.log(`\n${scenarioTable(subjects, scenarios, results)}`);
  console.log(`\n${processTable(subjects, results)}`);
  console.log(`\n${verdictTable(results)}`);
}

function scenarioTable(subjects, scenarios, results) {
  const head = [
    ...['', '', 'per second', 'CPU µs', '× floor', 'p50 ms', 'p99 ms', 'first byte ms'],
    ...['server core', 'load core'],
  ];
  const rows = scenarios.flatMap((scenario) =>
    subjects
      .filter(({ name }) => results.has(scenario.name, name))
      .map((subject, index) => [
        index === 0 ? scenario.label : '',
        ...scenarioRow(scenario, subject, results),
      ]),
  );
  return table(head, rows);
}

function scenarioRow({ name: scenario, per }, { name, label }, results) {
  const value = (figure) => results.median(scenario, name, figure);
  const micros = per === 'event' ? microsPerEvent : microsPerRequest;
  const rate = per === 'event' ? ({ events, seconds }) => events / seconds : perSecond;
  return [
    label,
    `${Math.round(value(rate))}${per === 'event' ? ' chunks' : ''}`,
    fixed(value(micros), 1),
    fixed(results.compare(scenario, [name, FLOOR], ratio, micros), 2),
    fixed(
      value(({ latencyMs }) => latencyMs.p50),
      2,
    ),
    fixed(
      value(({ latencyMs }) => latencyMs.p99),
      2,
    ),
    fixed(value(firstEventMs), 2),
    percent(value(({ coresBusy }) => coresBusy[SERVER_CORE])),
    percent(value(({ coresBusy }) => coresBusy[LOAD_CORE])),
  ];
}

function processTable(subjects, results) {
  return table(
    ['', 'start to first answer', 'memory after load'],
    subjects.map(({ name, label }) => [
      label,
      `${results.startMs(name)} ms`,
      `${results.memoryMegabytes(name)} MB`,
    ]),
  );
}

function verdictTable(results) {
  const floor = [GENERATED, FLOOR];
  const peer = [GENERATED, 'portkey'];
  const rows = [
    atMost(
      'CPU per proxied completion, × floor',
      results.compare('proxied', floor, ratio, microsPerRequest),
      1.5,
    ),
    atLeast(
      'cached answers per second, × floor’s constant ones',
      results.compare('cached', floor, ratio, perSecond),
      0.5,
    ),
    atMost(
      'first byte of a stream, ms over the floor',
      results.compare('first-byte', floor, difference, firstEventMs),
      0.5,
    ),
    atMost(
      'CPU per chunk of 200 streams, × floor',
      results.compare('streams', floor, ratio, microsPerEvent),
      1.3,
    ),
    atMost('start to first answer, s', results.startMs(GENERATED) / 1000, 0.6),
    atLeast(
      'proxied completions per second, × @portkey-ai/gateway',
      results.compare('proxied', peer, ratio, perSecond),
      7,
    ),
  ];
  return table(['', 'measured', 'target', ''], rows);
}

function atMost(label, measured, target) {
  return [label, fixed(measured, 2), `≤ ${target}`, verdict(measured, measured <= target)];
}

function atLeast(label, measured, target) {
  return [label, fixed(measured, 2), `≥ ${target}`, verdict(measured, measured >= target)];
}

function verdict(measured, isMet) {
  if (Number.isNaN(measured ?? NaN)) return 'not measured';
  return isMet ? 'met' : 'MISSED';
}

function fixed(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function percent(share) {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : '–';
}
