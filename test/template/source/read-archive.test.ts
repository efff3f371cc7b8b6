import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TemplateError } from '../../../src/errors.js';
import { LIMITS } from '../../../src/template/source/limits.js';
import { readTar, readTarGz } from '../../../src/template/source/read-archive.js';
import { pax, rawTar, rawTarGz, type RawEntry } from '../../support/hostile-tar.js';

const file = (name: string, more: Partial<RawEntry> = {}): RawEntry => ({
  name,
  body: 'x',
  ...more,
});

describe('readTarGz', () => {
  it('gives files with their bytes and whether they are executable', async () => {
    const archive = rawTarGz([
      { name: './', type: '5' },
      { name: './template.json', body: '{}' },
      { name: 'base/', type: '5', mode: 0o755 },
      { name: 'base/run.sh', body: '#!/bin/sh\n', mode: 0o755 },
      { name: 'base/empty' },
      pax({ path: `base/${'long/'.repeat(40)}ü.txt` }),
      file('base/short'),
    ]);
    const entries = await readTarGz(archive, 'x.tgz');
    expect(
      entries.map(({ path, bytes, executable }) => [
        path,
        Buffer.from(bytes).toString(),
        executable,
      ]),
    ).toEqual([
      ['template.json', '{}', false],
      ['base/run.sh', '#!/bin/sh\n', true],
      ['base/empty', '', false],
      [`base/${'long/'.repeat(40)}ü.txt`, 'x', false],
    ]);
  });

  const hostile: readonly (readonly [string, readonly RawEntry[], RegExp])[] = [
    ['a traversal', [file('../x')], /"\.\.\/x" leads out/],
    ['a traversal in the middle', [file('a/../../x')], /leads out/],
    ['a traversal by backslashes', [file('a\\..\\..\\x')], /leads out/],
    [
      'a traversal in a long path',
      [pax({ path: '../../x' }), file('plain')],
      /"\.\.\/\.\.\/x" leads/,
    ],
    [
      'a traversal in a GNU name',
      [{ name: 'n', type: 'L', body: '../x\0' }, file('p')],
      /leads out/,
    ],
    ['a folder outside', [{ name: '../x/', type: '5' }], /leads out/],
    ['an absolute path', [file('/etc/x')], /is an absolute path/],
    ['a path after ./', [file('.//etc/../../x')], /leads out/],
    ['a drive', [file('C:/x')], /is an absolute path/],
    ['a backslash', [file('a\\b')], /not every system allows/],
    ['a NUL in a long path', [pax({ path: 'a\0b' }), file('p')], /not every system allows/],
    ['a stream of NTFS', [file('ab:c')], /not every system allows/],
    ['a device name', [file('base/NUL.txt')], /device name/],
    ["git's folder", [file('.git/config')], /git's own folder/],
    ['a trailing dot', [file('a./b')], /dot or a space/],
    ['a symbolic link', [{ name: 'l', type: '2', link: '/etc/passwd' }], /"l" is a symbolic link/],
    ['a hard link', [file('a'), { name: 'l', type: '1', link: 'a' }], /"l" is a hard link/],
    ['a device', [{ name: 'd', type: '3' }], /"d" is a device/],
    ['a block device', [{ name: 'd', type: '4' }], /"d" is a device/],
    ['a pipe', [{ name: 'p', type: '6' }], /"p" is a named pipe/],
    ['a sparse file', [{ name: 's', type: 'S' }], /"s" is a sparse file/],
    ['a sparse file by attributes', [pax({ 'GNU.sparse.major': '1' }), file('s')], /sparse file/],
    ['an unknown type', [{ name: 'u', type: 'Z' }], /of a type that no template needs \("Z"\)/],
    ['two sizes', [pax({ size: '1' }), file('s')], /gives its size twice/],
    ['a name twice', [file('a'), file('a')], /"a" is in the archive twice/],
    ['names that differ in case', [file('README'), file('readme')], /in case only/],
    [
      'folders that differ in case',
      [file('A/x'), file('a/y')],
      /"a" differs from "A" in case only/,
    ],
    ['names in two normal forms', [file('\u00fc'), file('u\u0308')], /in Unicode normal form only/],
    ['a folder that is a file', [file('a'), file('a/b')], /needs a folder where "a" is a file/],
    ['an endless path', [pax({ path: 'a/'.repeat(100_000) + 'b' }), file('p')], /longer than 1000/],
    [
      'a large manifest',
      [file('template.json', { body: Buffer.alloc(LIMITS.manifestBytes + 1) })],
      /"template.json" is larger than 1 MB/,
    ],
    [
      'a large file',
      [file('a', { body: Buffer.alloc(LIMITS.fileBytes + 1) })],
      /"a" is larger than 10 MB/,
    ],
    ['a body that ends early', [file('a', { size: 5000 })], /damaged/],
  ];

  it.each(hostile)('refuses %s', async (_what, entries, reason) => {
    const refused = readTarGz(rawTarGz(entries), 'x.tgz');
    await expect(refused).rejects.toThrow(TemplateError);
    await expect(refused).rejects.toThrow(/^x\.tgz: /);
    await expect(refused).rejects.toThrow(reason);
  });

  it('refuses more files than a template may have', async () => {
    const entries = Array.from({ length: LIMITS.files + 1 }, (_, index) => ({ name: `f${index}` }));
    await expect(readTarGz(rawTarGz(entries), 'x.tgz')).rejects.toThrow('more than 10,000 files');
    await expect(readTarGz(rawTarGz(entries.slice(1)), 'x.tgz')).resolves.toHaveLength(
      LIMITS.files,
    );
  });

  it('refuses more entries than such files could need', async () => {
    const entries = Array.from({ length: LIMITS.files * 4 + 1 }, () => ({ name: 'a/', type: '5' }));
    await expect(readTarGz(rawTarGz(entries), 'x.tgz')).rejects.toThrow('more entries');
  });

  it('refuses what is too large together', async () => {
    const body = Buffer.alloc(LIMITS.fileBytes);
    const entries = Array.from({ length: 11 }, (_, index) => ({ name: `f${index}`, body }));
    await expect(readTar(rawTar(entries), 'x')).rejects.toThrow(
      'unpacked it is larger than 100 MB',
    );
  });

  it('stops unpacking a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(LIMITS.tarBytes + 1));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    await expect(readTarGz(bomb, 'x.tgz')).rejects.toThrow('unpacked it is larger than 100 MB');
  });

  const whole = rawTarGz([file('a'), file('b')]);
  it.each([
    ['is no gzip', Buffer.from('PK\x03\x04'), 'not compressed by gzip'],
    ['is empty', Buffer.alloc(0), 'not compressed by gzip'],
    ['is cut off', whole.subarray(0, whole.length - 20), 'the archive is damaged'],
    ['has no end', gzipSync(rawTar([file('a')]).subarray(0, 1024)), 'the archive is damaged'],
    ['is no tar', gzipSync(Buffer.alloc(2048, 'x')), /damaged|of a type/],
    [
      'goes on after its end',
      gzipSync(Buffer.concat([rawTar([file('a')]), rawTar([file('b')])])),
      'damaged',
    ],
  ])('refuses what %s', async (_what, archive, reason) => {
    await expect(readTarGz(archive, 'x.tgz')).rejects.toThrow(reason);
  });
});
