import { parseEnv } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  parseConfig,
  PROVIDER_BASE_URLS,
  serviceEnvironment,
} from '../../templates/node/base/src/config.js';
import type { ModelsFile } from '../../templates/node/base/src/models/model-catalog.js';
import { storeEnvironment as memoryEnvironment } from '../../templates/node/store-memory/src/store/environment.js';
import { storeEnvironment as redisEnvironment } from '../../templates/node/store-redis/src/store/environment.js';
import { generate, readText, usualAnswers } from './support/generate.js';

const NONE = 'none';

const STORES = { memory: memoryEnvironment, redis: redisEnvironment };

/** What the source says: each variable with the default it has in development. */
function defaults(store: keyof typeof STORES): ReadonlyMap<string, string> {
  const settings = { ...parseConfig({}), ...STORES[store].parse({}) };
  const parsed = new Map<string, unknown>(Object.entries(settings));
  const { shape } = STORES[store];
  const names = new Set([...Object.keys(serviceEnvironment.in.shape), ...Object.keys(shape)]);
  return new Map(
    [...names].map((name) => [name, parsed.has(name) ? String(parsed.get(name)) : NONE]),
  );
}

/** What `.env.example` says; a variable behind a `#` has its default there. */
function exampleVariables(text: string): ReadonlyMap<string, string> {
  const lines = [...text.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/gm)];
  return new Map(
    lines.map(([, name = '', value]) => [name, value === '' ? NONE : (value ?? NONE)]),
  );
}

/** What the table in the README says. */
function documentedVariables(text: string): ReadonlyMap<string, string> {
  const rows = [
    ...text.matchAll(/^\| `([A-Z][A-Z0-9_]*)` +\| `?([^`|]*?)`?(?: in development)? +\|/gm),
  ];
  return new Map(rows.map(([, name = '', value = '']) => [name, value]));
}

function sorted(variables: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...variables].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe.each(['memory', 'redis'] as const)('the variables of the environment, on %s', (store) => {
  let project: string;
  beforeAll(async () => {
    project = await generate({ ...usualAnswers, store });
  });

  it('are all in .env.example, with the defaults of the source', async () => {
    const example = exampleVariables(await readText(project, '.env.example'));
    expect(sorted(example)).toEqual(sorted(defaults(store)));
  });

  it('are all in the README, with the defaults of the source', async () => {
    const documented = documentedVariables(await readText(project, 'README.md'));
    expect(sorted(documented)).toEqual(sorted(defaults(store)));
  });

  it('make a valid .env when the example is copied as it is', async () => {
    const variables = parseEnv(await readText(project, '.env.example'));
    expect(parseConfig(variables).PROVIDER).toBe('mock');
  });
});

describe('the variables of the environment', () => {
  it.each(['openai', 'anthropic'] as const)(
    'name the provider that was chosen: %s',
    async (provider) => {
      const answers = { ...usualAnswers, provider, ci: 'none', docker: false } as const;
      const folder = await generate(answers);
      const example = exampleVariables(await readText(folder, '.env.example'));
      expect(example.get('PROVIDER')).toBe(provider);
      expect(example.get('PROVIDER_BASE_URL')).toBe(PROVIDER_BASE_URLS[provider]);
      const { default: targets } = JSON.parse(await readText(folder, 'models.json')) as ModelsFile;
      expect(await readText(folder, 'README.md')).toContain(`"${targets?.[0]?.model ?? ''}"`);
    },
  );
});
