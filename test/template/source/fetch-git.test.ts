import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TemplateError } from '../../../src/errors.js';
import {
  fetchTemplate,
  type FetchContext,
  type FetchedTemplate,
} from '../../../src/template/source/fetch-template.js';
import { parseSource, type FetchableSource } from '../../../src/template/source/template-source.js';
import { makeContext } from '../../support/fetch-context.js';
import { makeRepository, smartHttp } from '../../support/git-repository.js';
import { listFiles } from '../../support/read-tree.js';
import { always, serve, staticFiles } from '../../support/serve.js';

const FILES = {
  'template.json': { name: 'mine', layers: [{ from: 'base' }] },
  'base/run.sh': '#!/bin/sh\n',
  'base/a.txt': 'a\n',
};

function fetch(source: string, context: FetchContext): Promise<FetchedTemplate> {
  return fetchTemplate(parseSource(source) as FetchableSource, context);
}

const SECONDS = 1000;

describe('a template from git', { timeout: 60 * SECONDS }, () => {
  it.each(['file', 'smart HTTP', 'dumb HTTP'])('comes by %s, at any kind of ref', async (way) => {
    const context = makeContext();
    const parent = context.workingDirectory;
    const repository = makeRepository(parent);
    const first = repository.commit(FILES);
    repository.git('tag', '--annotate', '--message=x', 'v1');
    const second = repository.commit({ 'base/a.txt': 'changed\n' });
    const url =
      way === 'file'
        ? repository.url
        : `${(await serve(way === 'smart HTTP' ? smartHttp(parent) : staticFiles(parent))).url}/template.git`;
    const latest = await fetch(`git+${url}`, context);
    expect(latest).toMatchObject({
      isLocal: false,
      source: `git+${url}`,
      resolved: `git+${url}#${second}`,
    });
    expect(listFiles(latest.folder)).toEqual(['base/a.txt', 'base/run.sh', 'template.json']);
    expect(readFileSync(join(latest.folder, 'base/a.txt'), 'utf8')).toBe('changed\n');
    for (const ref of ['v1', first, first.slice(0, 10)]) {
      const { folder, resolved } = await fetch(`git+${url}#${ref}`, context);
      expect(resolved).toBe(`git+${url}#${first}`);
      expect(readFileSync(join(folder, 'base/a.txt'), 'utf8')).toBe('a\n');
    }
    expect((await fetch(`git+${url}#main`, context)).resolved).toBe(`git+${url}#${second}`);
  });

  it('comes as it is committed, whatever its attributes and the settings of git say', async () => {
    const context = makeContext();
    const repository = makeRepository(context.workingDirectory);
    const trap = join(context.workingDirectory, 'trap');
    repository.commit({
      ...FILES,
      '.gitattributes':
        '*.txt text eol=crlf filter=trap\nbase/hidden export-ignore\nbase/id ident export-subst\n',
      'base/hidden': 'x',
      'base/id': '$Id$ $Format:%H$\n',
    });
    const settings = `[core]\n autocrlf = true\n hooksPath = ${trap}-hooks\n[filter "trap"]\n smudge = touch ${trap}\n required = true\n`;
    writeFileSync(join(String(context.environment['HOME']), '.gitconfig'), settings);
    const { folder } = await fetch(`git+${repository.url}`, context);
    expect(readFileSync(join(folder, 'base/a.txt'), 'utf8')).toBe('a\n');
    expect(readFileSync(join(folder, 'base/id'), 'utf8')).toBe('$Id$ $Format:%H$\n');
    expect(existsSync(join(folder, 'base/hidden'))).toBe(true);
    expect(existsSync(trap)).toBe(false);
  });

  it('may lie in a folder of the repository, and says where else there is one', async () => {
    const context = makeContext();
    const repository = makeRepository(context.workingDirectory);
    const commit = repository.commit({
      'templates/a/template.json': FILES['template.json'],
      'templates/b/template.json': FILES['template.json'],
      'docs/x.md': 'x',
    });
    const url = `git+${repository.url}`;
    const { folder, resolved } = await fetch(`${url}//templates/a`, context);
    expect(listFiles(folder)).toEqual(['template.json']);
    expect(resolved).toBe(`${url}//templates/a#${commit}`);
    for (const place of ['', '//docs', '//missing', '//docs/x.md']) {
      await expect(fetch(url + place, context)).rejects.toThrow(
        `${url}${place}: there is no template.json at that place, but in templates/a, templates/b.`,
      );
    }
  });

  it('comes from GitHub, by way of whatever its user has put in between', async () => {
    const context = makeContext();
    const repository = makeRepository(context.workingDirectory);
    const commit = repository.commit({ 'sub/template.json': FILES['template.json'] });
    writeFileSync(
      join(String(context.environment['HOME']), '.gitconfig'),
      `[url "${repository.url.replace('template.git', '')}"]\n insteadOf = https://github.com/acme/\n`,
    );
    expect(await fetch('github:acme/template/sub#main', context)).toMatchObject({
      source: 'github:acme/template/sub#main',
      resolved: `github:acme/template/sub#${commit}`,
    });
  });

  it('follows a ref that moves, and needs no network for a commit that it has', async () => {
    const context = makeContext();
    const repository = makeRepository(context.workingDirectory);
    const url = `git+${repository.url}`;
    const first = repository.commit(FILES);
    expect((await fetch(`${url}#main`, context)).resolved).toBe(`${url}#${first}`);
    const second = repository.commit({ 'base/a.txt': 'b\n' });
    expect((await fetch(`${url}#main`, context)).resolved).toBe(`${url}#${second}`);
    rmSync(repository.folder, { recursive: true });
    expect((await fetch(`${url}#${first}`, context)).resolved).toBe(`${url}#${first}`);
    const offline = { ...context, offline: true };
    expect((await fetch(`${url}#main`, offline)).resolved).toBe(`${url}#${second}`);
    await expect(fetch(`${url}#v1`, offline)).rejects.toThrow('it is not in the cache');
    await expect(fetch(`${url}#main`, context)).rejects.toThrow('there is no such repository');
  });

  it.each(['v9', '1234567', 'a'.repeat(40)])('has no ref %s', async (ref) => {
    const context = makeContext();
    const repository = makeRepository(context.workingDirectory);
    repository.commit(FILES);
    const fetching = fetch(`git+${repository.url}#${ref}`, context);
    await expect(fetching).rejects.toThrow(TemplateError);
    await expect(fetching).rejects.toThrow(`the repository has no branch, tag or commit ${ref}.`);
  });

  it('never contains a link', async () => {
    const context = makeContext();
    const repository = makeRepository(context.workingDirectory);
    repository.commit(FILES);
    symlinkSync('/etc/passwd', join(context.workingDirectory, 'work/base/link'));
    repository.commit({});
    await expect(fetch(`git+${repository.url}`, context)).rejects.toThrow(
      '"base/link" is a symbolic link',
    );
  });

  it.each([
    [
      'asks for a password',
      always(401, { 'www-authenticate': 'Basic realm="x"' }),
      'asks who you are',
    ],
    ['forbids', always(403), 'asks who you are'],
    ['has nothing', always(404), 'there is no such repository'],
    ['fails', always(500), /could not be fetched:\n.*500/],
  ])('says that a server %s', async (_what, listener, sentence) => {
    const { url } = await serve(listener);
    await expect(fetch(`${url}/x.git`, makeContext())).rejects.toThrow(sentence);
  });

  it('says that there is no way to the server', async () => {
    const { url, close } = await serve(always(200));
    await close();
    await expect(fetch(`${url}/x.git`, makeContext())).rejects.toThrow(
      /there is no way to .*--offline/,
    );
    await expect(fetch('https://no.invalid/x.git', makeContext())).rejects.toThrow(
      /there is no way to no\.invalid/,
    );
  });

  it('says that there is no git', async () => {
    const context = makeContext();
    const environment = { ...context.environment, PATH: context.workingDirectory };
    await expect(fetch('file:///x.git', { ...context, environment })).rejects.toThrow(
      'git is needed to fetch it',
    );
  });

  it('ends with the signal when a server never answers', async () => {
    const controller = new AbortController();
    const { url } = await serve(() => {
      controller.abort(new Error('enough'));
    });
    const context = { ...makeContext(), signal: controller.signal };
    await expect(fetch(`${url}/x.git`, context)).rejects.toThrow('enough');
  });

  it('asks ssh never to ask, in the way that its user has set', async () => {
    const context = makeContext();
    const said = join(context.workingDirectory, 'said');
    const ssh = join(context.workingDirectory, 'ssh.sh');
    writeFileSync(ssh, `#!/bin/sh\necho "$@" > ${said}\necho Permission denied >&2\nexit 255\n`);
    chmodSync(ssh, 0o755);
    writeFileSync(
      join(String(context.environment['HOME']), '.gitconfig'),
      `[core]\n sshCommand = ${ssh} -i key\n`,
    );
    await expect(fetch('git@example.invalid:a/b.git', context)).rejects.toThrow('asks who you are');
    expect(readFileSync(said, 'utf8')).toContain('-i key -o BatchMode=yes');
  });
});
