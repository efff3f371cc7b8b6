import { didYouMean } from '../options/nearest.js';
import type { Answer, Option, When } from '../options/option.js';
import { allowedValues } from '../options/option.js';
import { narrowableOptions } from '../options/offered-options.js';
import { questionsOf } from './lineage.js';
import type { Fault } from './check-schema.js';
import type { JsonPath } from './json-source.js';
import type { Manifest } from './manifest.js';
import type { Template } from './template.js';

/**
 * Holds every `when` and every example of a manifest against the options there are: a condition on a misspelt option
 * would otherwise be one that silently never holds.
 */
export function findConditionFaults(template: Template): readonly Fault[] {
  const known = new Map<string, readonly Answer[] | undefined>(
    [...questionsOf(template), ...(narrowableOptions() as readonly Option[])].map((option) => [
      option.name,
      allowedValues(option),
    ]),
  );
  known.set('framework', undefined);
  return [...conditionsOf(template.manifest)].flatMap(({ path, when }) =>
    Object.entries(when).flatMap(([name, wanted]) => {
      const message = findFault(name, [wanted].flat(), known);
      return message === undefined ? [] : [{ path: [...path, name], message }];
    }),
  );
}

function findFault(
  name: string,
  wanted: readonly Answer[],
  known: ReadonlyMap<string, readonly Answer[] | undefined>,
): string | undefined {
  if (!known.has(name)) {
    return `is not an option. Options: ${[...known.keys()].join(', ')}.${didYouMean(name, known.keys())}`;
  }
  const values = known.get(name);
  const odd = values && wanted.find((value) => !values.includes(value));
  if (odd === undefined) return undefined;
  const names = values?.map(String) ?? [];
  return `can never be ${JSON.stringify(odd)}. Valid: ${names.join(', ')}.${didYouMean(String(odd), names)}`;
}

/** Every condition of a manifest, and every example, with where it stands. */
export function* conditionsOf(manifest: Manifest): Generator<{ path: JsonPath; when: When }> {
  for (const list of ['layers', 'remove', 'facts'] as const) {
    for (const [index, { when }] of (manifest[list] ?? []).entries()) {
      if (when) yield { path: [list, index, 'when'], when };
    }
  }
  for (const [name, answers] of Object.entries(manifest.examples ?? {})) {
    yield { path: ['examples', name], when: answers };
  }
  for (const [name, { when }] of Object.entries(manifest.options ?? {})) {
    if (when) yield { path: ['options', name, 'when'], when };
  }
}
