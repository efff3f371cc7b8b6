import { describe, expect, it } from 'vitest';
import { checkPath, checkPathsTogether } from '../../src/plan/check-path.js';

describe('checkPath', () => {
  it.each([
    'a',
    '.env',
    'a/b.ts',
    '.github/workflows/ci.yml',
    'a..b',
    '...x',
    'src/[id].ts',
    'ünïcode',
    'a b',
  ])('lets %j through', (path) => {
    expect(() => {
      checkPath(path, 'origin');
    }).not.toThrow();
  });

  it.each([
    ['../x', 'leads out'],
    ['a/../../x', 'leads out'],
    ['a/..', 'leads out'],
    [String.raw`..\x`, 'leads out'],
    [String.raw`a\..\..\x`, 'leads out'],
    ['/etc/passwd', 'absolute'],
    [String.raw`\\server\share`, 'absolute'],
    ['C:/x', 'absolute'],
    ['c:x', 'absolute'],
    ['', 'plain relative'],
    ['a//b', 'plain relative'],
    ['./a', 'plain relative'],
    ['.git/hooks/pre-commit', "git's own"],
    ['a/.GIT/config', "git's own"],
    [String.raw`a\b`, 'not every system allows'],
    ['a\0b', 'not every system allows'],
    ['file.txt:stream', 'not every system allows'],
    ['con', 'device name'],
    ['src/NUL.txt', 'device name'],
    ['a./b', 'dot or a space'],
    ['a ', 'dot or a space'],
  ])('refuses %j: %s', (path, reason) => {
    expect(() => {
      checkPath(path, 'mine/base');
    }).toThrow(reason);
  });
});

describe('checkPathsTogether', () => {
  it.each([
    [['README.md', 'readme.md'], 'in case only'],
    [['a', 'a/b'], 'needs a folder'],
    [['A', 'a/b'], 'needs a folder'],
  ])('refuses %j', (paths, reason) => {
    expect(() => {
      checkPathsTogether(paths);
    }).toThrow(reason);
  });
});
