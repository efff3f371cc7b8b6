import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createFolderLoader, localFolder } from '../../src/template/load-folder.js';
import { writeFolder } from '../support/make-template.js';

const FILES = {
  'low/template.json': { name: 'low', layers: [{ from: 'base' }] },
  'low/base/a.txt': 'a',
  'high/template.json': { name: 'high', extends: ['../low'], layers: [{ from: 'x' }] },
  'high/x/run': 'b',
  'high/README.md': 'of no layer',
};

let folder = '';

async function digest(changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  folder = mkdtempSync(join(tmpdir(), 'digest-'));
  writeFolder(folder, { ...FILES, ...changes });
  const load = createFolderLoader(
    {
      find: () => undefined,
      names: () => [],
      open: () => Promise.reject(new Error('nothing is elsewhere')),
    },
    (ejs) => ({ ejs }),
  );
  return (await load(localFolder(join(folder, 'high')))).digest();
}

describe('the digest of a template', () => {
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is the same wherever it lies, whatever lies beside it', async () => {
    const first = await digest();
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await digest({ 'high/README.md': 'changed' })).toBe(first);
  });

  it.each([
    ['a file', { 'high/x/run': 'c' }],
    ['one file more', { 'high/x/more': '' }],
    ['the manifest', { 'high/template.json': { ...FILES['high/template.json'], title: 'High' } }],
    ['what it extends', { 'low/base/a.txt': 'b' }],
  ])('changes with %s', async (_what, changes) => {
    expect(await digest(changes)).not.toBe(await digest());
  });
});
