/**
 * Whether the generated server holds on to anything of what it has done: 20,000 mixed requests, in batches, and after
 * each a look at what is left.
 *
 *   npm run bench:soak [-- --requests 20000 --project <built project>]
 *
 * Ends with 1 when something is left behind.
 */
import { hash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { readOptions } from './options.mjs';
import { freePort, LOAD_CORE, PinnedProcess, SERVER_CORE } from './server/pinned-process.mjs';
import { prepareProject } from './server/prepare.mjs';
import { generatedServer } from './server/subjects.mjs';
import { Visits } from './soak/visits.mjs';
import { median, table } from './statistics.mjs';

const REPOSITORY = dirname(import.meta.dirname);
const BATCH = 1_000;
const WARM_UP_BATCHES = 3;
const CONCURRENCY = 64;
const KEYS = 1_000;
/** How long connections to the upstream are kept for the next call. */
const KEEP_ALIVE_MS = 3_000;
/** By then everything that is not kept on purpose is gone. */
const SETTLE_MS = 3 * KEEP_ALIVE_MS;
/** A forgotten listener, timer or entry of a map takes at least a hundred bytes. */
const MAX_SLOPE = 40;

/** Two readings make a slope. */
const MIN_REQUESTS = (2 * WARM_UP_BATCHES + 2) * BATCH;

const options = readOptions(
  'Whether the generated server holds on to anything of what it has done.',
  {
    requests: { help: 'how many visits', value: 20_000, least: MIN_REQUESTS },
    project: { help: 'one that is built already', isProject: true },
  },
);
const scratch = mkdtempSync(join(tmpdir(), 'create-ai-backend-soak-'));
const running = [];
try {
  await soak();
} finally {
  await Promise.all(running.map((child) => child.stop()));
  rmSync(scratch, { recursive: true, force: true });
}

async function soak() {
  const project = options.project ?? prepareProject(REPOSITORY, scratch, 'fastify');
  const keys = Array.from({ length: KEYS }, () => `sk-${randomBytes(24).toString('hex')}`);
  const server = await startServer(project, keys);

  // One key at first: the others must not add to the metrics.
  await warmUp(new Visits(server.port, keys.slice(0, 1)));
  // The second reading knows of the first, which was a request too.
  await readSeries(server.port);
  const series = await readSeries(server.port);
  await warmUp(new Visits(server.port, keys));
  const before = await settle(server, () => false);

  const visits = new Visits(server.port, keys);
  const samples = [];
  for (let done = 2 * WARM_UP_BATCHES * BATCH; done < options.requests; done += BATCH) {
    await runBatch(visits);
    samples.push({ visits: done + BATCH, ...(await server.ask('look')) });
  }
  await visits.close();
  const after = await settle(server, (now) => leftBehind(before, now).length === 0);
  const newSeries = (await readSeries(server.port)).filter((name) => !series.includes(name));
  report({ samples, before, after, newSeries });
}

async function warmUp(visits) {
  for (let batch = 0; batch < WARM_UP_BATCHES; batch++) await runBatch(visits);
  await visits.close();
}

async function startServer(project, keys) {
  const [port, upstreamPort] = [await freePort(), await freePort()];
  const upstream = PinnedProcess.start({
    name: 'upstream',
    core: LOAD_CORE,
    args: [join(import.meta.dirname, 'server', 'upstream.mjs')],
    env: { PORT: String(upstreamPort), KEEP_ALIVE_MS: String(KEEP_ALIVE_MS) },
    scratch,
  });
  running.push(upstream);
  await upstream.answers(upstreamPort, '/');

  const { args, env } = generatedServer('fastify', project, `http://127.0.0.1:${upstreamPort}/v1`);
  const server = PinnedProcess.start({
    name: 'server',
    core: SERVER_CORE,
    args: ['--expose-gc', '--import', join(import.meta.dirname, 'soak', 'probe.mjs'), ...args],
    cwd: project,
    env: {
      ...env,
      PORT: String(port),
      API_KEYS: keys.map((key, index) => `tenant-${index % 50}:${hash('sha256', key)}`).join(','),
      // What is kept on purpose must be at its bound by the end of the warm-up.
      CACHE_MAX_ENTRIES: '200',
      JOB_MAX_STORED: '200',
      // Answers to idempotency keys are kept for as long.
      JOB_RETENTION_SECONDS: '5',
    },
    scratch,
    ipc: true,
  });
  running.push(server);
  await server.answers(port, '/livez');
  return Object.assign(server, { port });
}

/** A thousand visits, some of them several requests, a few at a time; all are over when it resolves. */
async function runBatch(visits) {
  let left = BATCH;
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (left-- > 0) await visits.next();
    }),
  );
}

/** Looks until all is as it should be, or for as long as anything may take. */
async function settle(server, isSettled) {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await server.ask('look');
    if (isSettled(now) || performance.now() > end) return now;
    await sleep(500);
  }
}

/** What there is more of than before. */
function leftBehind(before, after) {
  return ['resources', 'objects'].flatMap((group) =>
    Object.entries(after[group])
      .map(([name, count]) => ({ name, count, before: before[group][name] ?? 0 }))
      .filter(({ count, before: earlier }) => count > earlier),
  );
}

/** Names of all series, with their labels. */
async function readSeries(port) {
  const { body } = await request(`http://127.0.0.1:${port}/metrics`);
  const lines = (await body.text()).split('\n');
  const names = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
  return names.filter((name) => name !== '' && !name.startsWith('#'));
}

function report({ samples, before, after, newSeries }) {
  const slope = slopeOf(samples.map((sample) => [sample.visits, sample.heapUsed]));
  const left = leftBehind(before, after);
  const megabytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
  console.log(`${options.requests} visits by ${KEYS} keys, Node ${process.version}\n`);
  console.log(
    table(
      ['visits', 'heap', 'resident', 'event loop p50', 'p99'],
      samples.map(({ visits, heapUsed, rss, delayMs }) => [
        visits,
        megabytes(heapUsed),
        megabytes(rss),
        `${delayMs.p50.toFixed(1)} ms`,
        `${delayMs.p99.toFixed(1)} ms`,
      ]),
    ),
  );
  const counts = ({ resources, objects }) =>
    Object.entries({ ...resources, ...objects })
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const checks = [
    ['heap, bytes a visit', slope.toFixed(1), `≤ ${MAX_SLOPE}`, slope <= MAX_SLOPE],
    ['new series by other keys', newSeries.length, '0', newSeries.length === 0],
    ['held at rest', counts(after), `≤ ${counts(before)}`, left.length === 0],
  ];
  console.log(
    `\n${table(
      ['', 'measured', 'expected', ''],
      checks.map(([label, measured, expected, isMet]) => [
        label,
        measured,
        expected,
        isMet ? 'met' : 'MISSED',
      ]),
    )}`,
  );
  if (newSeries.length > 0) console.log(`\n${newSeries.join('\n')}`);
  process.exitCode = checks.every(([, , , isMet]) => isMet) ? 0 : 1;
}

/** The median slope over all pairs (Theil–Sen): a single collection that came late does not move it. */
function slopeOf(points) {
  const slopes = points.flatMap(([x, y], index) =>
    points.slice(index + 1).map(([laterX, laterY]) => (laterY - y) / (laterX - x)),
  );
  return median(slopes);
}
