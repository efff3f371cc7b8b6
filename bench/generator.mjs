/**
 * How fast and how small the generator is, beside a bare Node and create-vite on the same machine.
 *
 *   npm run bench [-- --runs 41]
 *
 * All commands take turns in every round, so that what else the machine does falls on each of them alike; what counts
 * is the median. Writing goes to the system's folder for temporary files, and takes what that disk takes: the same files,
 * written by Node alone, are the floor of a generation. Nothing is deleted before the end: for five minutes after that,
 * ext4 looks at each inode that was given up before it gives out another, which made a generation three times as long.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';
import { median, percentile, table } from './statistics.mjs';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const WARM_UP = 3;
const TARGETS = { help: 1.6, generation: 1.8, tarball: 305_000, packages: 1 };

const { runs } = readOptions(
  'How fast and how small the generator is, beside a bare Node and create-vite on the same machine.',
  { runs: { help: 'how often all take turns', value: 31, least: 1 } },
);
const scratch = mkdtempSync(join(tmpdir(), 'create-ai-backend-bench-'));
try {
  bench();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function bench() {
  const tarball = pack();
  const ours = installPackage('ours', tarball);
  const vite = installPackage('vite', 'create-vite@latest');
  const commands = listCommands(ours, vite);
  const times = measure(commands, runs);
  const bare = median(times.get('bare'));
  const ratio = (name) => median(times.get(name)) / bare;
  const files = countFiles(join(scratch, 'generation', '0', 'project'));
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, median of ${runs} interleaved runs\n`,
  );
  console.log(
    table(
      ['', 'time', '× node -e 0', '10th–90th percentile'],
      commands.map(({ name, label }) => [
        label,
        `${median(times.get(name)).toFixed(1)} ms`,
        ratio(name).toFixed(2),
        `${percentile(times.get(name), 0.1).toFixed(1)}–${percentile(times.get(name), 0.9).toFixed(1)} ms`,
      ]),
    ),
  );
  console.log();
  console.log(
    table(
      ['', 'measured', 'target', ''],
      [
        verdict('--help, × node -e 0', ratio('help').toFixed(2), TARGETS.help),
        verdict(
          `generation of ${files} files, × node -e 0`,
          ratio('generation').toFixed(2),
          TARGETS.generation,
        ),
        [
          'generation, × the same files by Node alone',
          versus(times, 'generation', 'writing'),
          '–',
          '',
        ],
        [
          'generation, × create-vite',
          vite ? versus(times, 'generation', 'vite') : 'skipped: no registry',
          '–',
          '',
        ],
        [
          '--help, × create-vite --help',
          vite ? versus(times, 'help', 'viteHelp') : 'skipped: no registry',
          '–',
          '',
        ],
        verdict('tarball, bytes', statSync(tarball).size, TARGETS.tarball),
        verdict('packages that npx fetches', countPackages('ours'), TARGETS.packages),
        ...(vite
          ? [
              [
                `files that create-vite writes`,
                countFiles(join(scratch, 'vite', '0', 'project')),
                '–',
                '',
              ],
            ]
          : []),
      ],
    ),
  );
}

function pack() {
  const args = ['pack', '--silent', '--pack-destination', scratch];
  execFileSync('npm', args, { cwd: REPOSITORY, stdio: 'ignore' });
  return join(
    scratch,
    readdirSync(scratch).find((name) => name.endsWith('.tgz')),
  );
}

/** Installs a package as npx would. Returns the file that it runs, or undefined when the registry cannot be reached. */
function installPackage(name, specifier) {
  const prefix = join(scratch, 'packages', name);
  mkdirSync(prefix, { recursive: true });
  const args = ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--silent', specifier];
  if (spawnSync('npm', args, { stdio: 'ignore' }).status !== 0) return undefined;
  const bin =
    name === 'vite' ? 'create-vite/index.js' : 'create-ai-backend/bin/create-ai-backend.js';
  return join(prefix, 'node_modules', bin);
}

function listCommands(ours, vite) {
  const generate = ['project', '--yes', '--framework', 'fastify', '--no-install', '--no-git'];
  return [
    { name: 'bare', label: 'node -e 0', args: ['-e', '0'] },
    { name: 'help', label: 'create-ai-backend --help', args: [ours, '--help'] },
    { name: 'generation', label: 'create-ai-backend project', args: [ours, ...generate] },
    { name: 'writing', label: 'the same files by Node alone', args: [writer(ours, generate)] },
    ...(vite
      ? [
          { name: 'viteHelp', label: 'create-vite --help', args: [vite, '--help'] },
          {
            name: 'vite',
            label: 'create-vite project',
            args: [vite, 'project', '--template', 'vanilla-ts', '--no-interactive'],
          },
        ]
      : []),
  ];
}

/** A program that writes the files of a generation, and does nothing else. */
function writer(ours, generate) {
  const cwd = join(scratch, 'example');
  mkdirSync(cwd);
  execFileSync(process.execPath, [ours, ...generate], { cwd, stdio: 'ignore' });
  const project = join(cwd, 'project');
  const files = Object.fromEntries(
    filesIn(project).map((path) => [relative(project, path), readFileSync(path, 'utf8')]),
  );
  const data = join(scratch, 'files.json');
  writeFileSync(data, JSON.stringify(files));
  const program = join(scratch, 'write-files.cjs');
  writeFileSync(
    program,
    `const fs = require('node:fs');
const { dirname, join } = require('node:path');
const files = Object.entries(JSON.parse(fs.readFileSync(${JSON.stringify(data)}, 'utf8')));
for (const folder of new Set(files.map(([path]) => dirname(path)))) {
  fs.mkdirSync(join('project', folder), { recursive: true });
}
for (const [path, text] of files) {
  fs.writeFileSync(join('project', path), text, { encoding: 'utf8', flag: 'w' });
}
`,
  );
  return program;
}

function measure(commands, runs) {
  const times = new Map(commands.map(({ name }) => [name, []]));
  for (let round = -WARM_UP; round < runs; round++) {
    for (const { name, args } of commands) {
      const cwd = join(scratch, name, String(round));
      mkdirSync(cwd, { recursive: true });
      const started = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, {
        cwd,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const took = performance.now() - started;
      if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
      if (round >= 0) times.get(name).push(took);
    }
  }
  return times;
}

function versus(times, name, other) {
  return (median(times.get(name)) / median(times.get(other))).toFixed(2);
}

function verdict(label, measured, target) {
  return [label, measured, `≤ ${target}`, Number(measured) <= target ? 'met' : 'MISSED'];
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function countFiles(folder) {
  return filesIn(folder).length;
}

function countPackages(name) {
  const list = execFileSync('npm', [
    'ls',
    '--all',
    '--parseable',
    '--prefix',
    join(scratch, 'packages', name),
  ]);
  return list.toString().trim().split('\n').length - 1;
}
