import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TemplateError, UsageError } from '../../../src/errors.js';
import { LIMITS } from '../../../src/template/source/limits.js';
import { findInRegistry, readRegistry } from '../../../src/template/source/registry.js';
import { formatSource } from '../../../src/template/source/template-source.js';
import { makeContext } from '../../support/fetch-context.js';
import { writeFolder } from '../../support/make-template.js';
import { always, serve, staticFiles } from '../../support/serve.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

const INDEX = {
  templates: {
    'acme/gateway': { source: 'github:acme/gateway#v1.2.0', digest: DIGEST, description: 'Ours' },
    packed: { source: './packed.tgz' },
  },
};

describe('a registry', () => {
  it('names templates, relative to the file that it is', async () => {
    const context = makeContext();
    const cwd = context.workingDirectory;
    const templates = { ...INDEX.templates, here: { source: './mine' }, up: { source: '../x' } };
    writeFolder(cwd, { 'team/index.json': { templates } });
    const registry = await readRegistry('team/index.json', context);
    expect(findInRegistry(registry, 'acme/gateway')).toEqual({
      source: {
        kind: 'git',
        url: 'https://github.com/acme/gateway.git',
        folder: '',
        ref: 'v1.2.0',
      },
      digest: DIGEST,
      description: 'Ours',
    });
    const sourceOf = (name: string): string => formatSource(findInRegistry(registry, name).source);
    expect(sourceOf('here')).toBe(join(cwd, 'team/mine'));
    expect(sourceOf('up')).toBe(join(cwd, 'x'));
    expect(sourceOf('packed')).toBe(join(cwd, 'team/packed.tgz'));
  });

  it('says what it has when a name is not there', async () => {
    const context = makeContext();
    writeFolder(context.workingDirectory, { 'r.json': INDEX });
    const registry = await readRegistry('./r.json', context);
    const find = (name: string) => () => findInRegistry(registry, name);
    expect(find('acme/gatway')).toThrow(UsageError);
    expect(find('acme/gatway')).toThrow(
      '--template: there is no "acme/gatway" in the registry ./r.json. It has: acme/gateway, packed. Did you mean "acme/gateway"?',
    );
    expect(find('constructor')).toThrow(UsageError);
    expect(find('__proto__')).toThrow(UsageError);
  });

  it('comes from a URL, and from the cache when there is no network', async () => {
    const context = makeContext();
    writeFolder(context.workingDirectory, { 'team/r.json': INDEX });
    const site = await serve(staticFiles(context.workingDirectory));
    const location = `${site.url}/team/r.json`;
    const offline = { ...context, offline: true };
    await expect(readRegistry(location, offline)).rejects.toThrow('is not in the cache');
    const registry = await readRegistry(location, context);
    expect(findInRegistry(registry, 'packed').source).toEqual({
      kind: 'tarball',
      location: `${site.url}/team/packed.tgz`,
    });
    await site.close();
    await expect(readRegistry(location, context)).rejects.toThrow('there is no way to');
    expect(await readRegistry(location, offline)).toEqual(registry);
  });

  const text = (source: string): string =>
    `{\n  "templates": {\n    "a": {\n      "source": ${JSON.stringify(source)}\n    }\n  }\n}`;
  it.each([
    ['{', 'r.json:1: not valid JSON'],
    ['{}', 'r.json:1: the registry: "templates" is missing'],
    [
      '{ "templates": {\n"A b": { "source": "./x" } } }',
      'r.json:2: templates.A b the name must match',
    ],
    [
      '{ "templates": {\n"__proto__": { "source": "./x" } } }',
      'r.json:2: templates.__proto__ the name',
    ],
    ['{ "templates": {\n"a": {} } }', 'r.json:2: templates.a "source" is missing'],
    [
      '{ "templates": { "a": { "source": "./x",\n"digest": "x" } } }',
      'r.json:2: templates.a.digest must',
    ],
    ['{ "templates": { "a": { "source": "./x",\n"diggest": "" } } }', 'Did you mean "digest"'],
    [text('fastify'), 'r.json:4: "fastify" is a name: a folder begins with "./".'],
    [text('svn:x'), 'r.json:4: "svn:x" begins with "svn:"'],
    [text('github:a/b#--x'), 'r.json:4: "github:a/b#--x" names a ref that begins with "-"'],
  ])('that says %s is refused', async (content, reason) => {
    const context = makeContext();
    writeFileSync(join(context.workingDirectory, 'r.json'), content);
    await expect(readRegistry('r.json', context)).rejects.toThrow(TemplateError);
    await expect(readRegistry('r.json', context)).rejects.toThrow(reason);
  });

  it.each(['./folder', '/folder', '~/folder', 'C:\\x.tgz'])(
    'on a server cannot name %s of the machine that reads it',
    async (source) => {
      const { url } = await serve((_request, response) => response.end(text(source)));
      await expect(readRegistry(`${url}/r.json`, makeContext())).rejects.toThrow(
        'this registry lies on a server',
      );
    },
  );

  it('is not there, or too large', async () => {
    const context = makeContext();
    const { url } = await serve(always(404));
    await expect(readRegistry(`${url}/r.json`, context)).rejects.toThrow('nothing at this address');
    await expect(readRegistry('./r.json', context)).rejects.toThrow('there is no file ./r.json');
    const large = Buffer.alloc(LIMITS.registryBytes + 1, ' ');
    writeFileSync(join(context.workingDirectory, 'r.json'), large);
    await expect(readRegistry('./r.json', context)).rejects.toThrow('larger than 1 MB');
    const site = await serve(staticFiles(context.workingDirectory));
    await expect(readRegistry(`${site.url}/r.json`, context)).rejects.toThrow('larger than 1 MB');
  });
});
