import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';

export interface Published {
  readonly version: string;
  readonly archive: Buffer;
  readonly tag?: string;
}

/** As much of a registry as `npm pack` asks for: one package, its versions and their archives. */
export function npmRegistry(name: string, versions: readonly Published[]): RequestListener {
  return (request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    const archive = versions.find(({ version }) => path === `/archives/${version}.tgz`)?.archive;
    if (archive) response.end(archive);
    else if (path === `/${name}`) {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify(describe(name, versions, `http://${request.headers.host ?? ''}`)),
      );
    } else response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
  };
}

function describe(name: string, versions: readonly Published[], url: string): unknown {
  return {
    name,
    'dist-tags': Object.fromEntries(versions.map(({ version, tag = 'latest' }) => [tag, version])),
    versions: Object.fromEntries(
      versions.map(({ version, archive }) => {
        const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
        const dist = { tarball: `${url}/archives/${version}.tgz`, integrity };
        const scripts = { install: 'exit 1', prepare: 'exit 1', prepack: 'exit 1' };
        return [version, { name, version, scripts, hasInstallScript: true, dist }];
      }),
    ),
  };
}
