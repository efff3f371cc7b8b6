import { applies, type Answers } from '../options/option.js';
import { lineageOf } from './lineage.js';
import type { Facts } from './manifest.js';
import { mergeFacts } from './merge-facts.js';
import type { Template, TemplateFile } from './template.js';

/** A layer that the answers switched on, with its files. */
export interface ActiveLayer {
  readonly template: Template;
  readonly files: readonly TemplateFile[];
}

/** Files of what its template extends that the project does without. */
export interface ActiveRemoval {
  readonly template: Template;
  readonly path: string;
}

export interface Composition {
  readonly layers: readonly ActiveLayer[];
  readonly removals: readonly ActiveRemoval[];
  readonly facts: Facts;
}

/** What a lineage comes to under the answers: its active layers, lowest first, and the merged facts. */
export function composeTemplate(template: Template, answers: Answers): Composition {
  const lineage = lineageOf(template);
  return {
    layers: lineage.flatMap((member) =>
      member.manifest.layers
        .filter(({ when }) => applies(when, answers))
        .map(({ from }) => ({ template: member, files: member.readLayer(from) })),
    ),
    removals: lineage.flatMap((member) =>
      (member.manifest.remove ?? [])
        .filter(({ when }) => applies(when, answers))
        .map(({ path }) => ({ template: member, path })),
    ),
    facts: lineage
      .flatMap(({ manifest }) => manifest.facts ?? [])
      .filter(({ when }) => applies(when, answers))
      .reduce<Facts>((facts, { set }) => mergeFacts(facts, set), {}),
  };
}
