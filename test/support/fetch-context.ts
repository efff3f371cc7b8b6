import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  fetchTemplate,
  type FetchContext,
  type FetchedTemplate,
} from '../../src/template/source/fetch-template.js';
import { parseSource, type FetchableSource } from '../../src/template/source/template-source.js';

/** Fetches what is typed for it. */
export function fetch(source: string, context: FetchContext): Promise<FetchedTemplate> {
  return fetchTemplate(parseSource(source) as FetchableSource, context);
}

/** Folders of its own for a test that fetches: nothing of the machine's user leaks in. */
export function makeContext(): Required<Pick<FetchContext, 'workingDirectory' | 'environment'>> {
  const root = mkdtempSync(join(tmpdir(), 'fetch-'));
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  const [home, work] = [join(root, 'home'), join(root, 'work')] as const;
  mkdirSync(home);
  mkdirSync(work);
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|GIT_|https?_proxy$|all_proxy$)/i.test(name),
  );
  return {
    workingDirectory: work,
    environment: {
      ...Object.fromEntries(inherited),
      HOME: home,
      USERPROFILE: home,
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config'),
      LOCALAPPDATA: join(home, 'cache'),
      GIT_CONFIG_NOSYSTEM: '1',
    },
  };
}
