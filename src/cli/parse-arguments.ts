import yargs, { type Argv, type Options } from 'yargs';
import { UsageError } from '../errors.js';
import { didYouMean } from '../options/nearest.js';
import type { Answer, Answers } from '../options/option.js';
import type { ConflictPolicy, GeneratorOption } from '../options/table.js';
import { VERSION } from '../version.js';

/** The command line as it was typed: what is not there was not given. */
export interface Arguments {
  readonly directory?: string;
  /** Answers to the generator's own questions. */
  readonly answers: Answers;
  /** `--set` answers to the template's own questions. */
  readonly set: Answers;
  readonly template?: string;
  readonly onConflict: ConflictPolicy;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

type Parsed = Record<string, unknown> & { readonly _: readonly (string | number)[] };

const YARGS_CONFIGURATION = {
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
};

/** Throws a UsageError for an unknown flag, a flag without its value and a second directory. */
export function parseArguments(
  argv: readonly string[],
  options: readonly GeneratorOption[],
): Arguments {
  refuseOddBooleans(argv, options);
  const parsed = createParser(options).parse(argv) as Parsed;
  refuseUnknownFlags(parsed, options);
  const [directory, second] = parsed._.map(String);
  if (second !== undefined) {
    throw new UsageError(`Only one directory can be given; got "${directory}" and "${second}".`);
  }
  return {
    ...(directory === undefined ? {} : { directory }),
    ...(typeof parsed['template'] === 'string' ? { template: parsed['template'] } : {}),
    answers: givenAnswers(parsed, options),
    set: parseSet((parsed['set'] ?? []) as readonly string[]),
    onConflict: parseConflictPolicy(parsed['on-conflict'], options),
    yes: parsed['yes'] === true,
    dryRun: parsed['dry-run'] === true,
    json: parsed['json'] === true,
    help: parsed['help'] === true,
    version: parsed['version'] === true,
  };
}

/** The text of `--help`. */
export function renderHelp(options: readonly GeneratorOption[], width: number): Promise<string> {
  return createParser(options)
    .usage(`create-ai-backend ${VERSION}\n\nUsage: $0 [directory] [options]`)
    .example('$0 my-ai', 'Ask what is needed, then write ./my-ai')
    .example('$0 my-ai --yes', 'The same with every default, asking nothing')
    .example('$0 my-ai --dry-run --yes', 'Show what would be written')
    .wrap(width)
    .getHelp();
}

const GROUPS = { project: 'Project:', after: 'Afterwards:', run: 'This run:' } as const;

function createParser(options: readonly GeneratorOption[]): Argv {
  const parser = yargs([])
    .scriptName('create-ai-backend')
    .parserConfiguration(YARGS_CONFIGURATION)
    .detectLocale(false)
    .exitProcess(false)
    .help(false)
    .version(false)
    .fail((message) => {
      throw new UsageError(`${message}.`);
    });
  for (const option of options) parser.option(option.name, toYargs(option));
  parser.option('help', { type: 'boolean', alias: 'h', group: GROUPS.run, describe: 'Show this' });
  parser.option('version', {
    type: 'boolean',
    alias: 'v',
    group: GROUPS.run,
    describe: 'Show the version',
  });
  return parser;
}

function toYargs(option: GeneratorOption): Options {
  return {
    describe: describe(option),
    group: GROUPS[option.scope],
    type: option.type === 'boolean' ? 'boolean' : option.type === 'list' ? 'array' : 'string',
    requiresArg: option.type !== 'boolean',
    ...(option.alias === undefined ? {} : { alias: option.alias }),
  };
}

function describe(option: GeneratorOption): string {
  const values = option.choices?.map(({ value }) => value).join(' | ') ?? option.placeholder;
  const shown = values === undefined ? '' : `: ${values}`;
  const fallback = option.default === true ? ` (--no-${option.name}: without)` : '';
  return `${option.help}${shown}${fallback}`;
}

/** yargs takes `--docker=maybe` for false; a typing mistake must not switch anything off. */
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
  const names = [...options.map(({ name }) => name), 'help', 'version'];
  const known = new Set([...names, ...options.flatMap(({ alias }) => alias ?? []), 'h', 'v']);
  const unknown = Object.keys(parsed).find((key) => key !== '_' && key !== '$0' && !known.has(key));
  if (unknown === undefined) return;
  const dashes = unknown.length === 1 ? '-' : '--';
  const hint = didYouMean(unknown, names, '--') || ' See --help for all of them.';
  throw new UsageError(`There is no option ${dashes}${unknown}.${hint}`);
}

function givenAnswers(parsed: Parsed, options: readonly GeneratorOption[]): Answers {
  const answers: Record<string, Answer> = {};
  for (const { name, scope } of options) {
    const value = parsed[name];
    const isAnswer = typeof value === 'string' || typeof value === 'boolean';
    if (scope !== 'run' && isAnswer) answers[name] = value;
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

function parseConflictPolicy(value: unknown, options: readonly GeneratorOption[]): ConflictPolicy {
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
