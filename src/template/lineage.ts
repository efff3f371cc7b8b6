import type { Option } from '../options/option.js';
import { supportedOptions, type Supports } from '../options/offered-options.js';
import type { ManifestOption } from './manifest.js';
import type { Template } from './template.js';

/** A template and everything underneath it, lowest first, each once. */
export function lineageOf(template: Template): readonly Template[] {
  const lineage = new Set<Template>();
  const visit = (current: Template): void => {
    if (lineage.has(current)) return;
    current.parents.forEach(visit);
    lineage.add(current);
  };
  visit(template);
  return [...lineage];
}

/** The generator's options as the lineage leaves them open: what a child declares narrows what its parents support. */
export function supportsOf(template: Template): Supports {
  const supports: Record<string, Supports[string]> = {};
  for (const { manifest } of lineageOf(template)) {
    for (const [name, values] of Object.entries(manifest.supports ?? {})) {
      const inherited = supports[name];
      supports[name] = inherited ? values.filter((value) => inherited.includes(value)) : values;
    }
  }
  return supports;
}

/** Every question about a project made from this template: the generator's first, then the lineage's own. */
export function questionsOf(template: Template): readonly Option[] {
  const own = new Map<string, Option>();
  for (const { manifest } of lineageOf(template)) {
    for (const [name, option] of Object.entries(manifest.options ?? {})) {
      own.set(name, toOption(name, option));
    }
  }
  return [...supportedOptions(supportsOf(template)), ...own.values()];
}

function toOption(name: string, { choices, ...option }: ManifestOption): Option {
  return {
    ...option,
    name,
    own: true,
    help: option.help ?? option.label,
    ...(choices
      ? { choices: choices.map((choice) => ({ ...choice, label: choice.label ?? choice.value })) }
      : {}),
  };
}
