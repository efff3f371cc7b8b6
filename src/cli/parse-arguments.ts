import parse, { type Configuration } from 'yargs-parser/browser';
import { UsageError } from '../errors.js';
import {
  COMMANDS,
  DEFAULT_COMMAND,
  findCommand,
  optionsOf,
  secondWordsOf,
  wordsOf,
  type Command,
  type KnownCommand,
} from '../options/commands.js';
import { didYouMean } from '../options/nearest.js';
import type { Answer, Answers } from '../options/option.js';
import { flagSpelling, type Source } from '../options/source.js';
import { isTold, type ConflictPolicy, type GeneratorOption } from '../options/table.js';

/** The command line as it was typed: what is not there was not given. */
export interface Arguments extends Source {
  readonly command: KnownCommand;
  /** What the command takes besides options: the directory of a project. */
  readonly operand?: string;
  /** The first word of several commands, of which none was named. */
  readonly half?: string | undefined;
  /** The file with answers. */
  readonly config?: string;
  readonly onConflict: ConflictPolicy;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

type Parsed = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] };

const CONFIGURATION: Partial<Configuration> = {
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'strip-aliased': true,
};

/** Throws a UsageError for a flag that the command does not take, a flag without its value and a second directory. */
export function parseArguments(
  argv: readonly string[],
  options: readonly GeneratorOption[],
): Arguments {
  refuseOddBooleans(argv, options);
  const parsed = parseFlags(argv, options);
  const words = parsed._.map(String);
  const command = findCommand(words) ?? DEFAULT_COMMAND;
  if (parsed.help !== true || words.length > 1) refuseHalfCommands(words, command);
  refuseUnknownFlags(parsed, options);
  refuseOtherFlags(parsed, command, options);
  const operand = parseOperand(words.slice(wordsOf(command).length), command);
  return {
    command,
    ...(operand === undefined ? {} : { operand }),
    ...(command === DEFAULT_COMMAND && secondWordsOf(words[0]).length > 0
      ? { half: words[0] }
      : {}),
    ...(typeof parsed.config === 'string' ? { config: parsed.config } : {}),
    answers: givenAnswers(parsed, options),
    set: parseSet((parsed.set ?? []) as readonly string[]),
    spelling: flagSpelling,
    onConflict: parseConflictPolicy(parsed['on-conflict'] as Answer | undefined, options),
    yes: parsed.yes === true,
    dryRun: parsed['dry-run'] === true,
    json: parsed.json === true,
    help: parsed.help === true,
    version: parsed.version === true,
  };
}

function parseFlags(argv: readonly string[], options: readonly GeneratorOption[]): Parsed {
  const booleans = options.filter(({ type }) => type === 'boolean').map(({ name }) => name);
  const lists = options.filter(({ type }) => type === 'list').map(({ name }) => name);
  const valued = options.filter(({ type }) => type !== 'boolean').map(({ name }) => name);
  const { argv: parsed, error } = parse.detailed([...argv], {
    alias: Object.fromEntries(options.map(({ name, alias }) => [name, alias ?? []])),
    array: lists,
    boolean: booleans,
    string: [...valued, '_'],
    narg: Object.fromEntries(valued.map((name) => [name, 1])),
    configuration: CONFIGURATION,
  });
  const missing = /following: (.+)$/.exec(error?.message ?? '')?.[1];
  if (missing !== undefined) {
    throw new UsageError(`--${missing} needs a value. See --help for what it takes.`);
  }
  if (error) throw new UsageError(`${error.message}.`);
  return { ...Object.fromEntries(Object.entries(parsed).map(lastGiven(lists))), _: parsed._ };
}

/** What is given twice counts as given last, unless it is a list. */
function lastGiven(lists: readonly string[]): (entry: [string, unknown]) => [string, unknown] {
  return ([name, value]) => [
    name,
    Array.isArray(value) && !lists.includes(name) ? (value.at(-1) as unknown) : value,
  ];
}

/** The parser takes `--docker=maybe` for false; a typing mistake must not switch anything off. */
function refuseOddBooleans(argv: readonly string[], options: readonly GeneratorOption[]): void {
  for (const argument of argv) {
    const [flag, value] = argument.split('=', 2);
    const option = options.find(({ name, type }) => type === 'boolean' && flag === `--${name}`);
    if (!option || value === undefined || value === 'true' || value === 'false') continue;
    throw new UsageError(
      `"${value}" is not a valid value for --${option.name}. Use --${option.name} or --no-${option.name}.`,
    );
  }
}

function refuseUnknownFlags(parsed: Parsed, options: readonly GeneratorOption[]): void {
  const names = options.map(({ name }) => name);
  const unknown = Object.keys(parsed).find((key) => key !== '_' && !names.includes(key));
  const negated = options.find(({ name, type }) => type !== 'boolean' && parsed[name] === false);
  if (negated) {
    throw new UsageError(
      `There is no option --no-${negated.name}: leave out --${negated.name}, or give it a value.`,
    );
  }
  if (unknown === undefined) return;
  const dashes = unknown.length === 1 ? '-' : '--';
  const hint = didYouMean(unknown, names, '--') || ' See --help for all of them.';
  throw new UsageError(`There is no option ${dashes}${unknown}.${hint}`);
}

function refuseOtherFlags(
  parsed: Parsed,
  command: Command,
  options: readonly GeneratorOption[],
): void {
  const taken = optionsOf(command, options).map(({ name }) => name);
  const other = Object.keys(parsed).find((key) => key !== '_' && !taken.includes(key));
  if (other === undefined) return;
  throw new UsageError(
    `"${command.name}" does not take --${other}. It takes: ${taken.map((name) => `--${name}`).join(', ')}.`,
  );
}

/** The first word of a command without one of those that it goes with. */
function refuseHalfCommands([first, second]: readonly string[], command: Command): void {
  const seconds = command === DEFAULT_COMMAND ? secondWordsOf(first) : [];
  if (first === undefined || seconds.length === 0) return;
  const typed = second === undefined ? first : `${first} ${second}`;
  const hint = second === undefined ? '' : didYouMean(second, seconds, `${first} `);
  throw new UsageError(
    `"${typed}" is no command. There are: ${seconds.map((word) => `${first} ${word}`).join(', ')}; a directory of that name is written ./${first}.${hint}`,
  );
}

function parseOperand(words: readonly string[], { name, operand }: Command): string | undefined {
  const [first, second] = words;
  if (first !== undefined && operand === undefined) {
    throw new UsageError(
      `"${name}" takes nothing but options; got "${first}". See --help for them.`,
    );
  }
  if (second === undefined) return first;
  const hint = name === DEFAULT_COMMAND.name ? didYouMean(String(first), firstWords()) : '';
  throw new UsageError(`Only one ${operand} can be given; got "${first}" and "${second}".${hint}`);
}

/** What commands begin with. */
function firstWords(): readonly string[] {
  return COMMANDS.flatMap((command) => wordsOf(command).slice(0, 1));
}

function givenAnswers(parsed: Parsed, options: readonly GeneratorOption[]): Answers {
  const answers: Record<string, Answer> = {};
  for (const { name } of options.filter(isTold)) {
    const value = parsed[name];
    if (typeof value === 'string' || typeof value === 'boolean') answers[name] = value;
  }
  return answers;
}

function parseSet(pairs: readonly string[]): Answers {
  return Object.fromEntries(
    pairs.map((pair) => {
      const separator = pair.indexOf('=');
      if (separator > 0) return [pair.slice(0, separator), pair.slice(separator + 1)];
      throw new UsageError(`--set takes key=value, for example --set style=plain; got "${pair}".`);
    }),
  );
}

function parseConflictPolicy(
  value: Answer | undefined,
  options: readonly GeneratorOption[],
): ConflictPolicy {
  const option = options.find(({ name }) => name === 'on-conflict');
  const policies = option?.choices?.map((choice) => choice.value as ConflictPolicy) ?? [];
  const chosen = value ?? option?.default;
  const policy = policies.find((candidate) => candidate === chosen);
  if (policy !== undefined) return policy;
  const hint = didYouMean(String(chosen), policies);
  throw new UsageError(
    `"${String(chosen)}" is not a valid value for --on-conflict. Valid: ${policies.join(', ')}.${hint}`,
  );
}
