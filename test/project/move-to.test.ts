import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { moveTo } from '../../src/project/move-to.js';
import { writeFolder } from '../support/make-template.js';

/** In memory, and so on another disk than what is temporary, on most machines with Linux. */
const MEMORY = '/dev/shm';
const hasOtherDisk = existsSync(MEMORY) && statSync(MEMORY).dev !== statSync(tmpdir()).dev;

const folders: string[] = [];

function makeFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, 'move-to-'));
  folders.push(folder);
  return folder;
}

describe('moveTo', () => {
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  const moveOnto = (parent: string): void => {
    const from = writeFolder(makeFolder(tmpdir()), { 'one/deep/a.txt': 'a', 'b.txt': 'b' });
    const to = join(makeFolder(parent), 'not/there');
    moveTo(join(from, 'one'), join(to, 'one'));
    moveTo(join(from, 'b.txt'), join(to, 'b.txt'));
    expect(readFileSync(join(to, 'one/deep/a.txt'), 'utf8')).toBe('a');
    expect(readFileSync(join(to, 'b.txt'), 'utf8')).toBe('b');
    expect(existsSync(join(from, 'one')) || existsSync(join(from, 'b.txt'))).toBe(false);
  };

  it('moves files and folders below folders that are not there yet', () => {
    moveOnto(tmpdir());
  });

  it.skipIf(!hasOtherDisk)('moves them to another disk, too', () => {
    moveOnto(MEMORY);
  });
});
