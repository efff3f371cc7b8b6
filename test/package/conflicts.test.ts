import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { listEntries, listFiles, readTree } from '../support/read-tree.js';
import { writeFolder } from '../support/make-template.js';
import { create, makeFolder, QUICK, runProgram } from '../support/run-program.js';

let cwd = '';
let target = '';

beforeEach(() => {
  cwd = makeFolder();
  target = join(cwd, 'my-ai');
});

describe('a directory that is not empty', () => {
  it('is refused by name and not touched', async () => {
    writeFolder(target, { 'package.json': 'mine', 'src/app.ts': 'mine', 'notes.txt': 'mine' });
    const before = readTree(target);
    const { exitCode, stderr } = await create(cwd);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('package.json');
    expect(stderr).toContain('src/app.ts');
    expect(stderr).toContain('--on-conflict');
    expect(readTree(target)).toEqual(before);
  });

  it('is refused even when none of its files is in the way', async () => {
    writeFolder(target, { 'notes.txt': 'mine' });
    const { exitCode, stderr } = await create(cwd);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('notes.txt');
    expect(listEntries(target)).toEqual(['notes.txt']);
  });

  it('counts as empty when it is a fresh repository', async () => {
    writeFolder(target, { '.git/HEAD': 'ref: refs/heads/main' });
    const { exitCode } = await create(cwd);
    expect(exitCode).toBe(0);
    expect(listFiles(target)).toContain('package.json');
    expect(listFiles(target)).toContain('.git/HEAD');
  });

  it('keeps what it has with skip', async () => {
    writeFolder(target, { 'package.json': 'mine', 'src/notes.txt': 'mine' });
    const { exitCode, stdout } = await create(cwd, '--on-conflict', 'skip', '--json');
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout) as { skipped: string[]; files: { path: string }[] };
    expect(report.skipped).toEqual(['package.json']);
    expect(report.files.map(({ path }) => path)).not.toContain('package.json');
    expect(readFileSync(join(target, 'package.json'), 'utf8')).toBe('mine');
    expect(readFileSync(join(target, 'src/notes.txt'), 'utf8')).toBe('mine');
    expect(listFiles(target)).toContain('src/main.ts');
  });

  it('gives way with overwrite, file by file', async () => {
    writeFolder(target, { 'package.json': 'mine', 'src/notes.txt': 'mine' });
    const { exitCode, stdout } = await create(cwd, '--on-conflict', 'overwrite', '--json');
    expect(exitCode).toBe(0);
    const { files } = JSON.parse(stdout) as { files: object[] };
    expect(readTree(target).filter(({ path }) => path !== 'src/notes.txt')).toEqual(files);
    expect(readFileSync(join(target, 'src/notes.txt'), 'utf8')).toBe('mine');
  });

  it('keeps a folder where a file should go, whatever the policy', async () => {
    writeFolder(target, { 'package.json/mine.txt': 'mine' });
    const { exitCode, stderr } = await create(cwd, '--on-conflict', 'overwrite');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('package.json');
    expect(listFiles(target)).toEqual(['package.json/mine.txt']);
  });

  it('is not written through a link that leads out', async () => {
    const elsewhere = makeFolder('elsewhere');
    mkdirSync(target);
    symlinkSync(elsewhere, join(target, 'src'));
    const { exitCode, stderr } = await create(cwd, '--on-conflict', 'overwrite');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('src');
    expect(listEntries(elsewhere)).toEqual([]);
    expect(listEntries(target)).toEqual(['src']);
  });

  it('may be refused by a dry run just as well', async () => {
    writeFolder(target, { 'package.json': 'mine' });
    expect((await create(cwd, '--dry-run')).exitCode).toBe(3);
  });
});

describe('a file in the place of the directory', () => {
  it('is refused', async () => {
    writeFileSync(target, 'mine');
    const { exitCode } = await create(cwd, '--on-conflict', 'overwrite');
    expect(exitCode).toBe(3);
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  it('is refused as a parent', async () => {
    writeFileSync(join(cwd, 'a'), 'mine');
    const { exitCode, stderr } = await runProgram(['a/my-ai', ...QUICK], { cwd });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('a/my-ai is a file, or lies below one');
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe('mine');
  });
});
