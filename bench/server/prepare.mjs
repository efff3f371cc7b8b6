import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Generates a project as anybody would, installs and builds it. */
export function prepareProject(repository, scratch, framework) {
  const project = join(scratch, framework);
  const generator = join(repository, 'bin', 'create-ai-backend.js');
  const options = ['--framework', framework, '--store', 'memory', '--package-manager', 'npm'];
  run(process.execPath, [generator, project, '--yes', '--no-git', ...options], scratch);
  run('npm', ['run', 'build'], project);
  return project;
}

/** Its release on npm can stream only with this version of the server that it stands on. */
const PEER_MANIFEST = {
  private: true,
  dependencies: { '@portkey-ai/gateway': 'latest' },
  overrides: { '@hono/node-server': '1.13.5' },
};

/** @returns undefined when the registry cannot be reached */
export function preparePeer(scratch) {
  const folder = join(scratch, 'peer');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(PEER_MANIFEST));
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  return spawnSync('npm', args, { cwd: folder, stdio: 'ignore' }).status === 0 ? folder : undefined;
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}
