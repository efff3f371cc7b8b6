import { execFileSync, spawn } from 'node:child_process';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mkdirSync } from 'node:fs';
import { writeFolder } from './make-template.js';

export interface Repository {
  /** Bare, as a server has it. */
  readonly folder: string;
  readonly url: string;
  /** Commits all files on the branch; gives the commit's id. */
  readonly commit: (files: Readonly<Record<string, unknown>>) => string;
  readonly git: (...args: readonly string[]) => string;
}

/** Its settings are its own: nothing of the machine's git leaks in. */
const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

export function makeRepository(parent: string): Repository {
  const folder = join(parent, 'template.git');
  const work = join(parent, 'work');
  mkdirSync(work, { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: work, env: ENVIRONMENT, stdio: 'pipe' }).toString().trim();
  git('init', '--quiet', '--bare', '--initial-branch=main', folder);
  git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    url: pathToFileURL(folder).href,
    git,
    commit: (files) => {
      writeFolder(work, files);
      git('add', '--all', '--force');
      git('commit', '--quiet', '--allow-empty', '--message=x');
      git('push', '--quiet', '--follow-tags', folder, 'main');
      execFileSync('git', ['update-server-info'], { cwd: folder });
      return git('rev-parse', 'HEAD');
    },
  };
}

/** What serves repositories below a folder as git's own servers do, by way of git's own program. */
export function smartHttp(root: string): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...ENVIRONMENT,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        CONTENT_LENGTH: request.headers['content-length'],
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
        GIT_PROTOCOL: [request.headers['git-protocol']].flat()[0],
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf('\r\n\r\n');
      const headers = answer
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => line.split(': ') as [string, string]);
      const status = headers.find(([name]) => name === 'Status')?.[1];
      response.writeHead(Number.parseInt(status ?? '200'), Object.fromEntries(headers));
      response.end(answer.subarray(end + 4));
    });
  };
}
