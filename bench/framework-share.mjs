/**
 * How much of a generated project is the framework's own: the lines that the same project would not have with another
 * framework.
 *
 *   npm run share [-- --store redis]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { readOptions } from './options.mjs';
import { FRAMEWORK_NAMES } from './server/subjects.mjs';
import { table } from './statistics.mjs';

const GENERATOR = join(dirname(import.meta.dirname), 'bin', 'create-ai-backend.js');

const options = readOptions('How much of a generated project is the framework’s own.', {
  store: { help: 'with which store', oneOf: ['memory', 'redis'] },
  files: { help: 'names the files, too', value: false },
});

const scratch = mkdtempSync(join(tmpdir(), 'create-ai-backend-share-'));
try {
  const projects = new Map(FRAMEWORK_NAMES.map((name) => [name, generate(name)]));
  report(projects);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** @returns the lines of each file */
function generate(framework) {
  const flags = ['--yes', '--no-git', '--no-install', '--framework', framework];
  const store = ['--store', options.store?.[0] ?? 'memory'];
  const parent = join(scratch, framework);
  const command = [GENERATOR, join(framework, 'my-ai'), ...flags, ...store];
  execFileSync(process.execPath, command, { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'] });
  return readTree(join(parent, 'my-ai'));
}

function readTree(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8').split('\n')]),
  );
}

function report(projects) {
  const rows = [...projects].map(([framework, files]) => {
    const own = ownLines(files, others(projects, framework));
    const all = sum([...files.values()].map((lines) => lines.length));
    const count = sum([...own.values()]);
    return { framework, own, all, count };
  });
  const head = ['framework', 'lines', 'its own', 'share', 'files that differ'];
  const cells = rows.map(({ framework, own, all, count }) => [
    ...[framework, all, count, `${((100 * count) / all).toFixed(1)} %`, own.size],
  ]);
  console.log(table(head, cells));
  if (!options.files) return;
  for (const { framework, own } of rows) {
    const files = [...own].sort(([, a], [, b]) => b - a);
    console.log(
      `\n${framework}\n${table(
        ['', ''],
        files.map(([path, lines]) => [lines, path]),
      )}`,
    );
  }
}

function others(projects, framework) {
  return [...projects].filter(([name]) => name !== framework).map(([, files]) => files);
}

/** To each file that is not the same in all projects, how many of its lines some other project has not. */
function ownLines(files, otherProjects) {
  const own = new Map();
  for (const [path, lines] of files) {
    const counts = otherProjects.map((project) => missingFrom(project.get(path) ?? [], lines));
    const count = Math.max(...counts);
    if (count > 0) own.set(path, count);
  }
  return own;
}

/** How many of the lines the other file has not, each counted as often as it stands. */
function missingFrom(others, lines) {
  const left = new Map();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  }).length;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
