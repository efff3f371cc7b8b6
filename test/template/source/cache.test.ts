import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../src/template/source/cache-folder.js';
import { openCache, type CachedTemplate } from '../../../src/template/source/cache.js';
import { makeContext } from '../../support/fetch-context.js';
import { listFiles } from '../../support/read-tree.js';

const ENTRIES = [
  { path: 'template.json', bytes: Buffer.from('{}'), executable: false },
  { path: 'base/run.sh', bytes: Buffer.from('#!/bin/sh\n'), executable: true },
];

function withTemplate() {
  const { environment } = makeContext();
  const cache = openCache(environment);
  const { folder } = cache.store('npm:x', 'npm:x@1.0.0', ENTRIES);
  return { cache, folder, environment, templates: join(cacheFolder(environment), 'templates') };
}

describe('the cache', () => {
  it('holds a template by the source that was typed and by what it resolved to', () => {
    const { cache, folder } = withTemplate();
    const cached: CachedTemplate = { resolved: 'npm:x@1.0.0', folder };
    expect(cache.find('npm:x')).toEqual(cached);
    expect(cache.find('npm:x@1.0.0')).toEqual(cached);
    expect(cache.find('npm:y')).toBeUndefined();
    expect(listFiles(folder)).toEqual(['base/run.sh', 'template.json']);
  });

  it('keeps the same files once, whatever they come from, and nothing half written', () => {
    const { cache, folder, templates } = withTemplate();
    expect(cache.store('./x.tgz', './x.tgz#sha256:0', [...ENTRIES].reverse()).folder).toBe(folder);
    expect(readdirSync(templates)).toHaveLength(1);
  });

  it.each<[string, (folder: string) => void]>([
    [
      'a file has changed',
      (folder) => {
        appendFileSync(join(folder, 'base/run.sh'), 'x');
      },
    ],
    [
      'a file is gone',
      (folder) => {
        rmSync(join(folder, 'template.json'));
      },
    ],
    [
      'a file is new',
      (folder) => {
        writeFileSync(join(folder, 'base/new'), '');
      },
    ],
    [
      'a file has become a link',
      (folder) => {
        rmSync(join(folder, 'template.json'));
        symlinkSync(join(folder, 'base/run.sh'), join(folder, 'template.json'));
      },
    ],
    [
      'all is gone',
      (folder) => {
        rmSync(folder, { recursive: true });
      },
    ],
  ])('finds it damaged when %s, and mends it', (_what, damage) => {
    const { cache, folder, templates } = withTemplate();
    damage(folder);
    expect(cache.find('npm:x')).toBe('damaged');
    cache.store('npm:x', 'npm:x@1.0.0', ENTRIES);
    expect(cache.find('npm:x')).toEqual({ resolved: 'npm:x@1.0.0', folder });
    expect(readdirSync(templates)).toHaveLength(1);
  });

  it('is mended and filled by several processes at once', { timeout: 60_000 }, async () => {
    const { folder, environment, templates } = withTemplate();
    const program = join(templates, '..', 'program.mjs');
    const { build } = await import('rolldown');
    await build({
      input: 'src/template/source/cache.ts',
      platform: 'node',
      output: { file: program },
      logLevel: 'silent',
    });
    const entries = JSON.stringify(
      ENTRIES.map(({ bytes, ...entry }) => ({ ...entry, bytes: bytes.toString() })),
    );
    const script = `
      const [, entries, folder] = process.argv;
      const { rmSync, writeFileSync } = await import('node:fs');
      const { openCache } = await import(${JSON.stringify(pathToFileURL(program).href)});
      for (let round = 0; round < 50; round++) {
        const cached = openCache(process.env).store('npm:x', 'npm:x@1.0.0', JSON.parse(entries));
        if (cached.folder !== folder) throw new Error('elsewhere');
        try { writeFileSync(folder + '/template.json', 'damaged'); } catch {}
      }
      openCache(process.env).store('npm:x', 'npm:x@1.0.0', JSON.parse(entries));`;
    const run = (): Promise<unknown> =>
      execa(process.execPath, ['--input-type=module', '-e', script, entries, folder], {
        env: environment,
        extendEnv: false,
      });
    await Promise.all([run(), run(), run()]);
    const left = readdirSync(templates).filter((name) => name.startsWith('.'));
    expect(left).toEqual([]);
    openCache(environment).store('npm:x', 'npm:x@1.0.0', ENTRIES);
    expect(openCache(environment).find('npm:x')).toMatchObject({ folder });
  });

  it('knows nothing of a source whose record is damaged, or leads elsewhere', () => {
    const { cache, environment } = withTemplate();
    const sources = join(cacheFolder(environment), 'sources');
    for (const text of ['{', 'null', '{"source":"a","resolved":"b","content":"../../x"}']) {
      for (const name of readdirSync(sources)) writeFileSync(join(sources, name), text);
      expect(cache.find('npm:x')).toBeUndefined();
    }
  });

  it('says when it cannot be written', () => {
    const { environment } = makeContext();
    mkdirSync(join(cacheFolder(environment), '..'), { recursive: true });
    writeFileSync(cacheFolder(environment), '');
    expect(() => openCache(environment).store('a', 'b', ENTRIES)).toThrow(
      /Cannot write to .*part of the path is a file/,
    );
  });

  it.each<[NodeJS.Platform, NodeJS.ProcessEnv, string]>([
    ['linux', { HOME: '/h' }, '/h/.cache/create-ai-backend'],
    ['linux', { HOME: '/h', XDG_CACHE_HOME: '/c' }, '/c/create-ai-backend'],
    ['linux', { HOME: '/h', XDG_CACHE_HOME: 'c' }, '/h/.cache/create-ai-backend'],
    ['darwin', { HOME: '/h', XDG_CACHE_HOME: '/c' }, '/h/Library/Caches/create-ai-backend'],
    ['win32', { USERPROFILE: '/h', LOCALAPPDATA: '/l' }, '/l/create-ai-backend'],
    ['win32', { USERPROFILE: '/h' }, '/h/AppData/Local/create-ai-backend'],
  ])('lies where %s keeps such things: %j', (platform, environment, folder) => {
    expect(cacheFolder(environment, platform).replaceAll('\\', '/')).toBe(folder);
  });
});
