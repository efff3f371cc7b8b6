import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fetch, makeContext } from '../../support/fetch-context.js';
import { rawTarGz } from '../../support/hostile-tar.js';
import { listEntries, readTree } from '../../support/read-tree.js';
import { serve } from '../../support/serve.js';

const FILES = Array.from({ length: 300 }, (_, index) => ({ name: `base/${index}`, body: 'x' }));
const ARCHIVE = rawTarGz([{ name: 'template.json', body: '{}' }, ...FILES]);

describe('a folder', () => {
  it('is given back as it is: it is local', async () => {
    const context = makeContext();
    const folder = join(context.workingDirectory, 'mine');
    mkdirSync(folder);
    await expect(fetch('./mine', context)).rejects.toThrow(
      'there is no template.json in this folder',
    );
    writeFileSync(join(folder, 'template.json'), '{}');
    const fetched = { folder, resolved: folder, isLocal: true };
    expect(await fetch('./mine', context)).toEqual({ ...fetched, source: './mine' });
    expect(await fetch('./mine', { ...context, offline: true })).toMatchObject(fetched);
    await expect(fetch('./other', context)).rejects.toThrow('./other: there is no such folder.');
  });

  it('may lie in the home folder', async () => {
    const context = makeContext();
    const folder = join(String(context.environment['HOME']), 'mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'template.json'), '{}');
    expect(await fetch('~/mine', context)).toMatchObject({ folder });
  });
});

describe('a template in the cache', () => {
  it('is fetched again when it is damaged, and refused when there is no network', async () => {
    const context = makeContext();
    const { url, asked } = await serve((_request, response) => response.end(ARCHIVE));
    const { resolved, folder } = await fetch(`${url}/x.tgz`, context);
    const whole = readTree(folder);
    await fetch(resolved, context);
    expect(asked).toHaveLength(1);
    appendFileSync(join(folder, 'template.json'), ' ');
    await expect(fetch(resolved, { ...context, offline: true })).rejects.toThrow(
      'what the cache holds of it is damaged: fetch it once without --offline',
    );
    await fetch(resolved, context);
    expect(asked).toHaveLength(2);
    expect(readTree(folder)).toEqual(whole);
  });

  it('may be fetched many times at once', async () => {
    const context = makeContext();
    const { url } = await serve((_request, response) => response.end(ARCHIVE));
    const fetched = await Promise.all(
      Array.from({ length: 8 }, () => fetch(`${url}/x.tgz`, context)),
    );
    const [first] = fetched;
    expect(new Set(fetched.map(({ folder }) => folder))).toEqual(new Set([first?.folder]));
    expect(readTree(first?.folder ?? '')).toHaveLength(301);
  });

  it('is not there when fetching fails', async () => {
    const context = makeContext();
    const hostile = rawTarGz([{ name: 'template.json' }, { name: '../x', body: 'x' }]);
    const { url } = await serve((_request, response) => response.end(hostile));
    const before = listEntries(context.workingDirectory);
    await expect(fetch(`${url}/x.tgz`, context)).rejects.toThrow('leads out');
    expect(listEntries(String(context.environment['HOME']))).toEqual([]);
    expect(listEntries(context.workingDirectory)).toEqual(before);
  });
});

describe('time', () => {
  it.each(['https', 'git+https'])('is up for a server of %s that never answers', async (scheme) => {
    const timer = new AbortController();
    const spy = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(timer.signal);
    onTestFinished(() => {
      spy.mockRestore();
    });
    const { url } = await serve(() => {
      timer.abort(new DOMException('', 'TimeoutError'));
    });
    const source = `${scheme.replace('https', url)}/x.tgz`.replace(/^(git.*)tgz$/, '$1git');
    await expect(fetch(source, makeContext())).rejects.toThrow(
      `${source}: could not be fetched within 60 seconds`,
    );
    expect(spy).toHaveBeenCalledWith(60_000);
  });
});
