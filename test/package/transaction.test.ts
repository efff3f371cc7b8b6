import { chmodSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries, readTree, type FileFacts } from '../support/read-tree.js';
import { create, makeFolder, plainEnvironment, QUICK, runProgram } from '../support/run-program.js';
import { mountDisk, remountReadOnly } from '../support/small-disk.js';

const probe = mountDisk('size=1m');
probe?.unmount();
const cannotMount = probe === undefined;

let whole: readonly FileFacts[] = [];
let typicalMs = 0;

beforeAll(async () => {
  const cwd = makeFolder();
  const started = performance.now();
  await create(cwd);
  typicalMs = performance.now() - started;
  whole = readTree(join(cwd, 'my-ai'));
});

describe('a disk that refuses', () => {
  it.skipIf(cannotMount)('is named when it is full, and nothing is left', async () => {
    const disk = mountDisk('size=96k');
    if (!disk) return;
    try {
      const { exitCode, stderr } = await create(disk.folder);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /^error Cannot write to .*the disk is full \(ENOSPC\)\. Nothing was written\.\n$/,
      );
      expect(listEntries(disk.folder)).toEqual([]);
    } finally {
      disk.unmount();
    }
  });

  it.skipIf(cannotMount)('is named when it runs out of entries, and nothing is left', async () => {
    const disk = mountDisk('nr_inodes=40');
    if (!disk) return;
    try {
      expect((await create(disk.folder)).exitCode).toBe(1);
      expect(listEntries(disk.folder)).toEqual([]);
    } finally {
      disk.unmount();
    }
  });

  it.skipIf(cannotMount)('is named when it is full, and what was there is untouched', async () => {
    const disk = mountDisk('size=128k');
    if (!disk) return;
    try {
      writeFolder(join(disk.folder, 'my-ai'), { 'package.json': 'mine', 'src/main.ts': 'mine' });
      const before = readTree(disk.folder);
      expect((await create(disk.folder, '--on-conflict', 'overwrite')).exitCode).toBe(1);
      expect(readTree(disk.folder)).toEqual(before);
    } finally {
      disk.unmount();
    }
  });

  it.skipIf(cannotMount)('is named when it is read-only', async () => {
    const disk = mountDisk('size=4m');
    if (!disk) return;
    try {
      mkdirSync(join(disk.folder, 'my-ai'));
      remountReadOnly(disk);
      for (const directory of ['my-ai', 'other', 'a/b']) {
        const { exitCode, stderr } = await runProgram([directory, ...QUICK], { cwd: disk.folder });
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(
          /^error Cannot write to .*read-only \(EROFS\)\. Nothing was written\.\n$/,
        );
      }
      expect(listEntries(disk.folder)).toEqual(['my-ai']);
    } finally {
      disk.unmount();
    }
  });
});

describe('a directory that the user may not write to', () => {
  const ordinary = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

  it('is named, and nothing changes', async ({ skip }) => {
    const cwd = makeFolder();
    chmodSync(cwd, 0o555);
    chmodSync(inject('scratch'), 0o755);
    const { exitCode, stderr, stdout } = await runProgram(['my-ai', ...QUICK], {
      cwd,
      ...ordinary,
    });
    if (exitCode === undefined) skip('another user cannot run this Node');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/permission was denied \(EACCES\)\. Nothing was written/);
    expect(listEntries(cwd)).toEqual([]);
  });

  it('is named when it is deep inside, and what was moved already goes back', async ({ skip }) => {
    const cwd = makeFolder();
    chmodSync(inject('scratch'), 0o755);
    const target = writeFolder(join(cwd, 'my-ai'), {
      'README.md': 'mine',
      'test/mine.txt': 'mine',
    });
    for (const folder of [cwd, target]) chmodSync(folder, 0o777);
    chmodSync(join(target, 'test'), 0o555);
    const before = readTree(target);
    const { exitCode, stderr } = await runProgram(
      ['my-ai', ...QUICK, '--on-conflict', 'overwrite'],
      { cwd, ...ordinary },
    );
    if (exitCode === undefined) skip('another user cannot run this Node');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('permission was denied');
    expect(readTree(target)).toEqual(before);
    expect(readdirSync(target).sort()).toEqual(['README.md', 'test']);
  });
});

/** Starts the program and sends it a signal after a while. */
async function interrupt(cwd: string, args: readonly string[], afterMs: number): Promise<string> {
  const child = execa(process.execPath, [inject('program'), ...args, ...QUICK], {
    cwd,
    env: plainEnvironment(),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  await sleep(afterMs);
  child.kill('SIGINT');
  const { exitCode, signal } = await child;
  // Before Node has run a line of ours, it is the signal itself that ends it; a shell calls both 130.
  return signal ?? String(exitCode);
}

describe('SIGINT at 24 moments', () => {
  const moments = Array.from({ length: 24 }, (_, index) => index + 1);

  it('leaves nothing, or everything, and exits 130', async () => {
    for (const moment of moments) {
      const cwd = makeFolder();
      const end = await interrupt(cwd, ['my-ai'], (moment / 24) * typicalMs);
      expect(['130', 'SIGINT', '0']).toContain(end);
      const entries = readdirSync(cwd);
      expect([[], ['my-ai']]).toContainEqual(entries);
      if (entries.length > 0) expect(readTree(join(cwd, 'my-ai'))).toEqual(whole);
      else expect(end).not.toBe('0');
    }
  });

  it('leaves an existing directory as it was, or with everything in it', async () => {
    for (const moment of moments) {
      const cwd = makeFolder();
      const target = writeFolder(join(cwd, 'my-ai'), {
        'package.json': 'mine',
        'src/mine.ts': 'mine',
      });
      const before = readTree(target);
      const after = [...whole, ...before.filter(({ path }) => path === 'src/mine.ts')];
      const end = await interrupt(
        cwd,
        ['my-ai', '--on-conflict', 'overwrite'],
        (moment / 24) * typicalMs,
      );
      expect(['130', 'SIGINT', '0']).toContain(end);
      expect([before, after.sort((a, b) => (a.path < b.path ? -1 : 1))]).toContainEqual(
        readTree(target),
      );
    }
  });
});

describe('what runs after writing', () => {
  const template = (install: readonly string[]): Readonly<Record<string, unknown>> => ({
    'mine/template.json': {
      name: 'mine',
      layers: [{ from: 'base' }],
      facts: [{ set: { commands: { install, dev: ['npm', 'run', 'dev'] } } }],
    },
    'mine/base/hello.txt': 'hello\n',
  });
  const ARGS = ['my-ai', '--template', './mine', '--yes', '--no-git'];

  it('keeps the project when it fails, and says how to go on', async () => {
    const script = 'console.error("boom: no network"); process.exit(7)';
    const cwd = writeFolder(makeFolder(), template(['node', '-e', script]));
    const { exitCode, stderr } = await runProgram(ARGS, { cwd });
    expect(exitCode).toBe(5);
    expect(stderr).toContain('boom: no network');
    expect(stderr).toContain(`cd my-ai && node -e '${script}'`);
    expect(readFileSync(join(cwd, 'my-ai/hello.txt'), 'utf8')).toBe('hello\n');
  });

  it('keeps the project when it is killed, and says by what', async () => {
    const script = 'process.kill(process.pid, "SIGKILL")';
    const cwd = writeFolder(makeFolder(), template(['node', '-e', script]));
    const { exitCode, stderr } = await runProgram(ARGS, { cwd });
    expect(exitCode).toBe(5);
    expect(stderr).toContain('SIGKILL');
    expect(stderr).toContain('go on with: cd my-ai && node -e');
  });

  it('keeps the project when the package manager is not there', async () => {
    const cwd = writeFolder(makeFolder(), template(['no-such-manager', 'install']));
    const { exitCode, stderr, stdout } = await runProgram([...ARGS, '--json'], { cwd });
    expect(exitCode).toBe(5);
    expect(stderr).toContain('no-such-manager is not installed');
    expect(JSON.parse(stdout)).toMatchObject({
      error: { exitCode: 5, written: true, resume: 'cd my-ai && no-such-manager install' },
    });
  });

  it('is ended by SIGINT, with the project kept and the child gone', async () => {
    const script =
      'require("fs").writeFileSync("pid", String(process.pid)); setTimeout(() => {}, 60000)';
    const cwd = writeFolder(makeFolder(), template(['node', '-e', script]));
    const child = execa(process.execPath, [inject('program'), ...ARGS], {
      cwd,
      env: plainEnvironment(),
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
    const pid = await expect
      .poll(() => readFileSync(join(cwd, 'my-ai/pid'), 'utf8'), { timeout: 20_000 })
      .toMatch(/^\d+$/)
      .then(() => Number(readFileSync(join(cwd, 'my-ai/pid'), 'utf8')));
    child.kill('SIGINT');
    const { exitCode, stderr } = await child;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('go on with: cd my-ai && node -e');
    expect(readFileSync(join(cwd, 'my-ai/hello.txt'), 'utf8')).toBe('hello\n');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('makes a repository whose first commit holds everything', async () => {
    const cwd = writeFolder(
      makeFolder(),
      template(['node', '-e', 'require("fs").writeFileSync("lock", "1")']),
    );
    const env = {
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.com',
      GIT_CONFIG_GLOBAL: '/dev/null',
    };
    const args = ['my-ai', '--template', './mine', '--yes', '--json'];
    const { exitCode, stdout } = await runProgram(args, { cwd, env });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ installed: true, repository: 'started' });
    const { stdout: files } = await execa('git', ['ls-tree', '-r', '--name-only', 'HEAD'], {
      cwd: join(cwd, 'my-ai'),
    });
    expect(files.split('\n')).toEqual(['.create-ai-backend.json', 'hello.txt', 'lock']);
  });

  it('starts no repository inside another', async () => {
    const cwd = writeFolder(makeFolder(), template(['node', '-e', '0']));
    await execa('git', ['init'], { cwd });
    const args = ['my-ai', '--template', './mine', '--yes', '--json'];
    const { stdout } = await runProgram(args, { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ repository: 'inside-repository' });
    expect(readdirSync(join(cwd, 'my-ai'))).toEqual(['.create-ai-backend.json', 'hello.txt']);
  });
});
