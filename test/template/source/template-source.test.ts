import { describe, expect, it } from 'vitest';
import { TemplateError, UsageError } from '../../../src/errors.js';
import {
  formatSource,
  parseSource,
  type TemplateSource,
} from '../../../src/template/source/template-source.js';

const SHA256 = 'a'.repeat(64);
const gitHub = (repository: string): string => `https://github.com/${repository}.git`;

describe('parseSource', () => {
  const sources: readonly (readonly [string, TemplateSource])[] = [
    ['fastify', { kind: 'name', name: 'fastify' }],
    ['acme/gateway', { kind: 'name', name: 'acme/gateway' }],
    ...['./a', '../a', '/a', '~/a', '.', '..', 'C:\\a', 'c:/a', '.\\a'].map(
      (path) => [path, { kind: 'folder', path }] as const,
    ),
    ['github:acme/x', { kind: 'git', url: gitHub('acme/x'), folder: '' }],
    ['github:acme/x.git', { kind: 'git', url: gitHub('acme/x'), folder: '' }],
    ['github:acme/x/', { kind: 'git', url: gitHub('acme/x'), folder: '' }],
    ['github:a/x/b/c#v1.0', { kind: 'git', url: gitHub('a/x'), folder: 'b/c', ref: 'v1.0' }],
    ['github:a/x#feat/y', { kind: 'git', url: gitHub('a/x'), folder: '', ref: 'feat/y' }],
    ['https://h/o/r.git', { kind: 'git', url: 'https://h/o/r.git', folder: '' }],
    ['git+https://h/o/r', { kind: 'git', url: 'https://h/o/r', folder: '' }],
    ['git+http://h:80/r//s#m', { kind: 'git', url: 'http://h:80/r', folder: 's', ref: 'm' }],
    ['ssh://git@h/r.git//s', { kind: 'git', url: 'ssh://git@h/r.git', folder: 's' }],
    ['git+ssh://git@h/r', { kind: 'git', url: 'ssh://git@h/r', folder: '' }],
    ['git@h:o/r.git//s#t', { kind: 'git', url: 'git@h:o/r.git', folder: 's', ref: 't' }],
    ['file:///srv/r.git#m', { kind: 'git', url: 'file:///srv/r.git', folder: '', ref: 'm' }],
    ['git+file:///srv/r//s', { kind: 'git', url: 'file:///srv/r', folder: 's' }],
    ['npm:x', { kind: 'npm', name: 'x' }],
    ['npm:@acme/x', { kind: 'npm', name: '@acme/x' }],
    ['npm:@acme/x@1.2.3-rc.1', { kind: 'npm', name: '@acme/x', version: '1.2.3-rc.1' }],
    ['npm:x@next', { kind: 'npm', name: 'x', version: 'next' }],
    ['npm:x@^1', { kind: 'npm', name: 'x', version: '^1' }],
    ['./x.tgz', { kind: 'tarball', location: './x.tgz' }],
    ['dist/x.tar.gz', { kind: 'tarball', location: 'dist/x.tar.gz' }],
    ['C:\\x.tgz', { kind: 'tarball', location: 'C:\\x.tgz' }],
    ['https://h/x.tgz?a=b', { kind: 'tarball', location: 'https://h/x.tgz?a=b' }],
    [`./x.tgz#sha256:${SHA256}`, { kind: 'tarball', location: './x.tgz', sha256: SHA256 }],
  ];
  it.each(sources)('reads %s', (text, source) => {
    expect(parseSource(text)).toEqual(source);
  });

  it.each([
    ['', 'is empty'],
    ['-x', 'begins with "-"'],
    ['a\nb', 'control character'],
    ['github:acme', 'names no repository'],
    ['github:-o/x', 'names no repository'],
    ['github:acme/..', 'names no repository'],
    ['github:acme/x/../y', 'leads out of the repository'],
    ['github:acme/x/-y', 'begins with "-"'],
    ['github:acme/x#', 'is missing'],
    ['github:acme/x#--upload-pack=x', 'begins with "-"'],
    ['github:acme/x#+main:refs/heads/x', 'can be no branch'],
    ['github:acme/x#a..b', 'can be no branch'],
    ['gihub:acme/x', 'Did you mean "github"'],
    ['ext::sh -c x', 'none of these'],
    ['git+ext::sh', 'is not a git URL'],
    ['git://h/x.git', 'none of these'],
    ['git+git://h/x.git', 'cannot be fetched by "git:"'],
    ['ssh://-oProxyCommand=x/r.git', 'is not a URL|begins with "-"'],
    ['ssh://%2doProxyCommand=x/r.git', 'is not a URL|begins with "-"'],
    ['ssh://-x@h/r.git', 'begins with "-"'],
    ['ssh://h/-r.git', 'begins with "-"'],
    ['-x@h:r.git', 'begins with "-"'],
    ['git@-h:r.git', 'is not a git URL'],
    ['git@h:-r.git', 'is not a git URL'],
    ['https://h/r.git//a/../b', 'leads out of the repository'],
    ['https://h/r.git//a\\b', 'names no folder'],
    ['file://host/r.git', 'names a host'],
    ['https://h/page', 'put "git\\+" in front'],
    ['c:x', 'is none of these'],
    ['npm:../x', 'names no npm package'],
    ['npm:-x', 'names no npm package'],
    ['npm:@-a/x', 'names no npm package'],
    ['npm:x@', 'names no version'],
    ['npm:x@file:../y', 'names no version'],
    ['npm:x@--tag', 'names no version'],
    ['file:///x.tgz', 'neither at a path'],
    ['./x.tgz#sha256:abc', 'is pinned by something else'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseSource(text)).toThrow(UsageError);
    expect(() => parseSource(text)).toThrow(new RegExp(`^--template: .*(${reason})`));
    expect(() => parseSource(text)).toThrow('github:owner/repo');
  });

  it('says where a source stands, and fails as it is told to', () => {
    const parse = (): unknown => parseSource('xy:z', 'registry.json:3', TemplateError);
    expect(parse).toThrow(TemplateError);
    expect(parse).toThrow('registry.json:3: "xy:z"');
  });
});

describe('formatSource', () => {
  it.each([
    'fastify',
    './a',
    'github:acme/x/b/c#v1',
    'git+https://h/o/r.git//s#m',
    'git+file:///srv/r.git',
    'git+ssh://git@h/r.git//s',
    'git@h:o/r.git//s#t',
    'npm:@acme/x@1.2.3',
    './x.tgz',
    `https://h/x.tgz#sha256:${SHA256}`,
  ])('gives %s back', (text) => {
    expect(formatSource(parseSource(text))).toBe(text);
  });

  it.each([
    ['https://me:secret@h/r.git', 'git+https://h/r.git'],
    ['git+https://token@h/r.git', 'git+https://h/r.git'],
    ['ssh://git:secret@h/r.git', 'git+ssh://git@h/r.git'],
    ['https://me:secret@h/x.tgz', 'https://h/x.tgz'],
  ])('leaves the password out of %s', (text, shown) => {
    expect(formatSource(parseSource(text))).toBe(shown);
  });

  it('leaves it out of what it refuses, too', () => {
    expect(() => parseSource('https://me:secret@h/page')).toThrow(/^(?!.*secret)/s);
  });
});
