import type { Answer, Choice, Option } from './option.js';
import { OPTIONS, type GeneratorOption } from './table.js';

/** Which values of the generator's own options a template has layers for. An option that is not named is not offered. */
export type Supports = Readonly<Record<string, readonly Answer[]>>;

/** What is known about a selectable built-in template without opening it. */
export interface CatalogEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly supports: Supports;
}

export type Catalog = readonly CatalogEntry[];

/** Every flag as `--help` shows it: values that no built-in template supports are left out, and options without a value too. */
export function offeredOptions(catalog: Catalog): readonly GeneratorOption[] {
  return OPTIONS.flatMap((option: GeneratorOption) => {
    if (option.name === 'framework') return [{ ...option, choices: frameworkChoices(catalog) }];
    if (option.name === 'extends')
      return [{ ...option, choices: [...frameworkChoices(catalog), NOTHING] }];
    if (option.scope !== 'project') return [option];
    const supported = catalog.flatMap(({ supports }) => supports[option.name] ?? []);
    return narrow(option, supported);
  });
}

/** The generator's questions about the project that this template's `supports` leaves open, in order. */
export function supportedOptions(supports: Supports): readonly Option[] {
  const all: readonly GeneratorOption[] = OPTIONS;
  return all
    .filter(({ scope, name }) => scope === 'project' && name !== 'framework')
    .flatMap((option) => narrow(option, supports[option.name] ?? []))
    .map((option) => ({ ...option, type: option.type === 'list' ? 'string' : option.type }));
}

/** Names of the options whose values a template may narrow. */
export function narrowableOptions(): readonly GeneratorOption[] {
  const all: readonly GeneratorOption[] = OPTIONS;
  return all.filter(({ scope, name }) => scope === 'project' && name !== 'framework');
}

function narrow(option: GeneratorOption, supported: readonly Answer[]): GeneratorOption[] {
  if (supported.length === 0) return [];
  const values = new Set(supported);
  const fallback = option.default !== undefined && values.has(option.default);
  const narrowed = { ...option, ...(fallback ? {} : { default: firstSupported(option, values) }) };
  if (option.type === 'boolean') {
    return [{ ...narrowed, values: [true, false].filter((value) => values.has(value)) }];
  }
  if (!option.choices) return [narrowed];
  return [{ ...narrowed, choices: option.choices.filter(({ value }) => values.has(value)) }];
}

function firstSupported(option: GeneratorOption, values: ReadonlySet<Answer>): Answer {
  return option.choices?.find(({ value }) => values.has(value))?.value ?? values.has(true);
}

/** A template that extends none. */
const NOTHING: Choice = {
  value: 'nothing',
  label: 'Nothing',
  hint: 'a plain HTTP service on Node',
};

function frameworkChoices(catalog: Catalog): Choice[] {
  return catalog.map(({ name, title, description }) => ({
    value: name,
    label: title,
    hint: description,
  }));
}
