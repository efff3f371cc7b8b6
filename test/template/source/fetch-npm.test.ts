import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  fetchTemplate,
  type FetchContext,
  type FetchedTemplate,
} from '../../../src/template/source/fetch-template.js';
import { parseSource, type FetchableSource } from '../../../src/template/source/template-source.js';
import { makeContext } from '../../support/fetch-context.js';
import { rawTarGz, type RawEntry } from '../../support/hostile-tar.js';
import { npmRegistry } from '../../support/npm-registry.js';
import { listFiles } from '../../support/read-tree.js';
import { always, serve, type Site } from '../../support/serve.js';

const NAME = '@acme/backend-template';

function fetch(source: string, context: FetchContext): Promise<FetchedTemplate> {
  return fetchTemplate(parseSource(source) as FetchableSource, context);
}

function withRegistry({ url }: Pick<Site, 'url'>): ReturnType<typeof makeContext> {
  const context = makeContext();
  return {
    ...context,
    environment: { ...context.environment, npm_config_registry: `${url}/` },
  };
}

function pack(files: Readonly<Record<string, unknown>>): Buffer {
  return rawTarGz(
    Object.entries(files).map(([name, content]): RawEntry => ({
      name: `package/${name}`,
      body: JSON.stringify(content),
    })),
  );
}

describe('a template from npm', { timeout: 60_000 }, () => {
  it('comes at its exact version, whose scripts never run', async () => {
    const context = makeContext();
    const trap = join(context.workingDirectory, 'trap');
    const scripts = Object.fromEntries(
      ['preinstall', 'install', 'postinstall', 'prepare', 'prepack', 'postpack'].map((name) => [
        name,
        `touch ${trap}`,
      ]),
    );
    const archive = (version: string): Buffer =>
      pack({ 'package.json': { name: NAME, version, scripts }, 'template.json': { version } });
    const registry = await serve(
      npmRegistry(NAME, [
        { version: '2.0.0-rc.1', archive: archive('2.0.0-rc.1'), tag: 'next' },
        { version: '1.0.0', archive: archive('1.0.0'), tag: 'old' },
        { version: '1.2.0', archive: archive('1.2.0') },
      ]),
    );
    const environment = { ...context.environment, npm_config_registry: `${registry.url}/` };
    const here = { ...context, environment };
    const versions = { '': '1.2.0', '@1.0.0': '1.0.0', '@next': '2.0.0-rc.1', '@^1': '1.2.0' };
    for (const [asked, version] of Object.entries(versions)) {
      const fetched = await fetch(`npm:${NAME}${asked}`, here);
      expect(fetched.resolved).toBe(`npm:${NAME}@${version}`);
      expect(listFiles(fetched.folder)).toEqual(['package.json', 'template.json']);
    }
    expect(existsSync(trap)).toBe(false);
    await registry.close();
    expect((await fetch(`npm:${NAME}@1.0.0`, here)).resolved).toBe(`npm:${NAME}@1.0.0`);
    expect((await fetch(`npm:${NAME}`, { ...here, offline: true })).resolved).toBe(
      `npm:${NAME}@1.2.0`,
    );
    await expect(fetch(`npm:${NAME}`, here)).rejects.toThrow(
      'there is no way to the registry (ECONNREFUSED)',
    );
  });

  it('says that there is no such package, version or template', async () => {
    const archive = pack({ 'package.json': {}, 'templates/a/template.json': {} });
    const context = withRegistry(await serve(npmRegistry(NAME, [{ version: '1.0.0', archive }])));
    await expect(fetch('npm:missing', context)).rejects.toThrow('there is no such package');
    await expect(fetch(`npm:${NAME}@9.9.9`, context)).rejects.toThrow('no such version or tag');
    await expect(fetch(`npm:${NAME}`, context)).rejects.toThrow(
      'there is no template.json at that place, but in templates/a.',
    );
  });

  it('says that the registry asks for a login', async () => {
    const context = withRegistry(await serve(always(401)));
    await expect(fetch('npm:x', context)).rejects.toThrow(/asks who you are \(E401\)/);
  });

  it('says that there is no npm', async () => {
    const context = makeContext();
    const environment = { ...context.environment, PATH: context.workingDirectory };
    await expect(fetch('npm:x', { ...context, environment })).rejects.toThrow('npm is needed');
  });

  it('ends with the signal when the registry never answers', async () => {
    const controller = new AbortController();
    const registry = await serve(() => {
      controller.abort(new Error('enough'));
    });
    const context = { ...withRegistry(registry), signal: controller.signal };
    await expect(fetch('npm:x', context)).rejects.toThrow('enough');
  });
});
