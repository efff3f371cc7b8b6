import { describeCondition, flagOf, type Option, type When } from '../../options/option.js';
import { lineageOf, questionsOf } from '../../template/lineage.js';
import type { Template } from '../../template/template.js';
import type { OpenedTemplate } from '../../template/open-template.js';
import type { Arguments } from '../parse-arguments.js';
import { quoteCommand } from '../quote.js';
import type { World } from '../run.js';
import { openOperand } from './open-source.js';
import { printRows } from './print-rows.js';
import { templateCommands } from './template-commands.js';

/** Shows what a template is, without rendering or running anything of it. */
export async function show(typed: Arguments, world: World): Promise<void> {
  const { output } = world;
  const description = describe(await openOperand(typed, world));
  output.print(print(description, output.colours.bold, output.width()));
  output.data(description);
}

interface Description {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** What to write in order to have this one again. */
  readonly source: string;
  readonly digest: string;
  readonly isTrusted: boolean;
  /** What it is made on, lowest first. */
  readonly extends: readonly string[];
  readonly options: readonly OptionDescription[];
  readonly layers: readonly LayerDescription[];
  readonly commands: readonly (readonly string[])[];
  readonly examples: readonly string[];
}

interface OptionDescription {
  readonly name: string;
  readonly help: string;
  readonly flag: string;
  readonly values?: readonly string[];
}

interface LayerDescription {
  readonly from: string;
  readonly when?: When;
  readonly files: readonly string[];
}

function describe({ template, pinned, foreign, isVouchedFor }: OpenedTemplate): Description {
  const { name, title = name, description = '', layers, examples = {} } = template.manifest;
  return {
    name,
    title,
    description,
    source: pinned,
    digest: template.digest(),
    isTrusted: isVouchedFor || foreign.length === 0,
    extends: lineageOf(template).flatMap((each) => (each === template ? [] : [each.origin])),
    options: questionsOf(template).map(describeOption),
    layers: layers.map(({ from, when }) => describeLayer(template, from, when)),
    commands: templateCommands(template),
    examples: Object.keys(examples),
  };
}

function describeOption(option: Option): OptionDescription {
  const { name, help, choices } = option;
  return {
    name,
    help,
    flag: flagOf(option, option.type === 'boolean' || '<value>'),
    ...(choices ? { values: choices.map(({ value }) => value) } : {}),
  };
}

function describeLayer(template: Template, from: string, when?: When): LayerDescription {
  const files = template.readLayer(from).map(({ path }) => path);
  return { from, ...(when ? { when } : {}), files };
}

function print(description: Description, bold: (text: string) => string, width: number): string {
  const { title, layers, options, commands } = description;
  const section = (name: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', bold(name), ...lines];
  // What may be pasted is not broken into lines.
  const list = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);
  return [
    bold(title),
    ...(description.description === '' ? [] : [description.description]),
    ...section(
      'Source',
      list([
        description.source,
        description.digest,
        ...(description.isTrusted
          ? []
          : [`To use it without a question: --trust ${description.digest}`]),
      ]),
    ),
    ...section('Made on', list(description.extends)),
    ...section('Options', printRows(options.map(optionRow), width)),
    ...section('Layers', printRows(layers.map(layerRow), width)),
    ...section('Runs', list(commands.map(quoteCommand))),
    ...section('Examples', list(description.examples)),
  ].join('\n');
}

function optionRow({ flag, help, values }: OptionDescription): readonly [string, string] {
  return [flag, values ? `${help}: ${values.join(', ')}` : help];
}

function layerRow({ from, when, files }: LayerDescription): readonly [string, string] {
  const number = `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  return [from, when ? `${number}, when ${describeCondition(when)}` : number];
}
