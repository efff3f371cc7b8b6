import { relative, resolve } from 'node:path';
import { parseArguments } from '../../src/cli/parse-arguments.js';
import { resolveRequest } from '../../src/cli/resolve-request.js';
import { offeredOptions } from '../../src/options/offered-options.js';
import { plan, type Plan } from '../../src/plan/plan.js';
import { NOT_MEASURED } from '../../src/recommend/measurements.js';
import type { BuiltIns } from '../../src/template/built-in.js';
import { catalogOf, loadBuiltIns } from '../../src/template/bundle-templates.js';
import { composeTemplate } from '../../src/template/compose-template.js';
import { TEMPLATES } from '../support/frameworks.js';
import type { Combination } from './oracle.js';

const builtIns = await openSources();

/** The templates as they lie here, without a build. */
async function openSources(): Promise<BuiltIns> {
  const loaded = await loadBuiltIns(TEMPLATES);
  return {
    catalog: catalogOf(loaded),
    find: (name) => loaded.get(name),
    names: () => [...loaded.keys()],
    measurements: () => NOT_MEASURED,
  };
}

/**
 * From flags to a plan, as the program goes; nothing is written.
 *
 * @throws {UsageError} for a combination that is refused
 */
export async function planCombination(combination: Combination): Promise<Plan> {
  const typed = parseArguments(
    ['my-ai', ...toFlags(combination)],
    offeredOptions(builtIns.catalog),
  );
  const { template, answers } = await resolveRequest(typed, {
    builtIns,
    workingDirectory: TEMPLATES,
    environment: {},
    asker: undefined,
    openTemplate: () => Promise.reject(new Error('no template of its own')),
  });
  const composed = composeTemplate(template, answers);
  for (const { files } of composed.layers) for (const { origin } of files) used.add(origin);
  return plan({
    project: { name: 'my-ai' },
    generator: 'create-ai-backend@0.0.0',
    template: { name: template.manifest.name, digest: 'sha256:0' },
    answers,
    secrets: [],
    ...composed,
  });
}

const used = new Set<string>();

/** Where the files lie, below the templates, of which some plan has been made so far. */
export function usedOrigins(): ReadonlySet<string> {
  return new Set([...used].map((origin) => relative(TEMPLATES, resolve(origin))));
}

function toFlags({ adapter, docker, ...others }: Combination): string[] {
  const flags = Object.entries(others).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  const own = adapter === undefined ? [] : ['--set', `adapter=${adapter}`];
  return [...flags, docker === 'no' ? '--no-docker' : '--docker', ...own];
}
