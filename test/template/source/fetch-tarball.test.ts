import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/template/source/limits.js';
import { fetch, makeContext } from '../../support/fetch-context.js';
import { rawTarGz } from '../../support/hostile-tar.js';
import { listFiles } from '../../support/read-tree.js';
import { always, serve, staticFiles } from '../../support/serve.js';

const ARCHIVE = rawTarGz([
  { name: 'x-1.0/template.json', body: '{}' },
  { name: 'x-1.0/base/a.txt', body: 'a' },
]);
const SHA256 = createHash('sha256').update(ARCHIVE).digest('hex');

describe('a template from a tarball', () => {
  it('comes from a path and from a URL, with the digest of the archive', async () => {
    const context = makeContext();
    const { workingDirectory: cwd } = context;
    writeFileSync(join(cwd, 'x.tgz'), ARCHIVE);
    const { url } = await serve(staticFiles(cwd));
    for (const source of ['./x.tgz', 'x.tgz', join(cwd, 'x.tgz'), `${url}/x.tgz`]) {
      const { folder, ...fetched } = await fetch(source, context);
      expect(fetched).toEqual({ source, resolved: `${source}#sha256:${SHA256}`, isLocal: false });
      expect(listFiles(folder)).toEqual(['base/a.txt', 'template.json']);
    }
  });

  it('needs no network for a digest that it has, and no cache for a file', async () => {
    const context = makeContext();
    writeFileSync(join(context.workingDirectory, 'x.tgz'), ARCHIVE);
    const site = await serve(staticFiles(context.workingDirectory));
    await fetch(`${site.url}/x.tgz`, context);
    await site.close();
    const pinned = `${site.url}/x.tgz#sha256:${SHA256}`;
    expect((await fetch(pinned, context)).resolved).toBe(pinned);
    await expect(fetch(`${site.url}/x.tgz`, { ...context, offline: true })).resolves.toBeDefined();
    await expect(fetch(`${site.url}/y.tgz`, { ...context, offline: true })).rejects.toThrow(
      'it is not in the cache: fetch it once without --offline',
    );
    const fresh = { ...makeContext(), workingDirectory: context.workingDirectory, offline: true };
    await expect(fetch('./x.tgz', fresh)).resolves.toBeDefined();
  });

  it('is refused when it is not what it is said to be', async () => {
    const context = makeContext();
    writeFileSync(join(context.workingDirectory, 'x.tgz'), ARCHIVE);
    await expect(fetch(`./x.tgz#sha256:${'0'.repeat(64)}`, context)).rejects.toThrow(
      `the archive has changed: it is now sha256:${SHA256}`,
    );
  });

  it('takes the only folder for the template, but not one of two', async () => {
    const context = makeContext();
    const write = (...names: string[]): void => {
      const entries = names.map((name) => ({ name, body: '{}' }));
      writeFileSync(join(context.workingDirectory, 'x.tgz'), rawTarGz(entries));
    };
    write('template.json', 'a/template.json');
    expect(listFiles((await fetch('./x.tgz', context)).folder)).toContain('a/template.json');
    write('a/template.json', 'b/x');
    await expect(fetch('./x.tgz', context)).rejects.toThrow(
      'no template.json at that place, but in a.',
    );
    write('a/README.md');
    await expect(fetch('./x.tgz', context)).rejects.toThrow('nor in any folder below it.');
  });

  it.each([
    [404, 'there is nothing at this address (404)'],
    [401, 'the server asks who you are (401)'],
    [500, 'the server answers 500'],
  ])('says that a server answers %i', async (status, sentence) => {
    const { url } = await serve(always(status));
    await expect(fetch(`${url}/x.tgz`, makeContext())).rejects.toThrow(sentence);
  });

  it('says that there is no way, no file and no more room', async () => {
    const context = makeContext();
    const closed = await serve(always(200));
    await closed.close();
    await expect(fetch(`${closed.url}/x.tgz`, context)).rejects.toThrow(
      /there is no way to 127.*ECONNREFUSED.*--offline/,
    );
    await expect(fetch('./missing.tgz', context)).rejects.toThrow('there is no such file');
    const endless = await serve((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    await expect(fetch(`${endless.url}/x.tgz`, context)).rejects.toThrow('larger than 50 MB');
    writeFileSync(
      join(context.workingDirectory, 'large.tgz'),
      Buffer.alloc(LIMITS.archiveBytes + 1),
    );
    await expect(fetch('./large.tgz', context)).rejects.toThrow('larger than 50 MB');
  });

  it('follows a redirect to the web and nowhere else, and logs in as the URL says', async () => {
    const context = makeContext();
    writeFileSync(join(context.workingDirectory, 'x.tgz'), ARCHIVE);
    const target = await serve(staticFiles(context.workingDirectory));
    const to = async (location: string): Promise<string> =>
      (await serve(always(302, { location }))).url;
    await expect(fetch(`${await to(`${target.url}/x.tgz`)}/r.tgz`, context)).resolves.toBeDefined();
    const toFile = await to(`file://${context.workingDirectory}/x.tgz`);
    await expect(fetch(`${toFile}/r.tgz`, context)).rejects.toThrow('there is no way');
    const login = await serve((request, response) => {
      const basic = `Basic ${Buffer.from('me:se cret').toString('base64')}`;
      response.writeHead(request.headers.authorization === basic ? 200 : 401).end(ARCHIVE);
    });
    const { resolved } = await fetch(
      `${login.url.replace('//', '//me:se%20cret@')}/x.tgz`,
      context,
    );
    expect(resolved).toBe(`${login.url}/x.tgz#sha256:${SHA256}`);
  });

  it.each(['answers nothing', 'stops in the middle'])(
    'ends with the signal when a server %s',
    async (what) => {
      const controller = new AbortController();
      const { url } = await serve((_request, response) => {
        if (what === 'stops in the middle') response.write(ARCHIVE.subarray(0, 10));
        setTimeout(() => {
          controller.abort(new Error('enough'));
        }, 20);
      });
      const context = { ...makeContext(), signal: controller.signal };
      await expect(fetch(`${url}/x.tgz`, context)).rejects.toThrow('enough');
    },
  );
});
