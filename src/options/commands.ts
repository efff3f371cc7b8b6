import { OPTIONS, type GeneratorOption, type Scope } from './table.js';

export interface Command {
  /** The words that run it. The first command runs when none of the others is named, and has no word. */
  readonly name: string;
  /** What it takes besides options. */
  readonly operand?: string;
  /** All that the operand can be. */
  readonly operandValues?: readonly string[];
  /** What it is when it is not given; without that, it has to be. */
  readonly operandDefault?: string;
  /** One line for `--help`. */
  readonly help: string;
  /** The options that it takes, by their scope. */
  readonly scopes: readonly Scope[];
  /** Single options that it takes besides. */
  readonly takes?: readonly string[];
}

/** What there are schemas of. */
export const SCHEMAS = ['answers', 'template', 'registry'] as const;

/** The shells that can complete this program's command line. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Everything that can be run; what each of them does is in src/cli, in a file of its own. */
export const COMMANDS = [
  {
    name: 'create',
    operand: 'directory',
    help: 'Write a project',
    scopes: ['source', 'project', 'requirement', 'template', 'fetch', 'after', 'run', 'every'],
  },
  {
    name: 'recommend',
    help: 'Say which framework fits, and why',
    scopes: ['source', 'requirement', 'every'],
  },
  {
    name: 'template new',
    operand: 'folder',
    help: 'Write a template to start from, which extends a framework or nothing',
    scopes: ['start', 'run', 'every'],
  },
  {
    name: 'template validate',
    operand: 'source',
    help: 'Say what is wrong with a template, with file and line',
    scopes: ['fetch', 'every'],
  },
  {
    name: 'template test',
    operand: 'source',
    help: "Make a project of each of a template's examples, and verify it",
    scopes: ['fetch', 'test', 'every'],
    takes: ['run'],
  },
  {
    name: 'template list',
    help: 'List the templates that have a name',
    scopes: ['fetch', 'every'],
  },
  {
    name: 'template show',
    operand: 'source',
    help: 'Show what a template asks, consists of and runs, and its digest',
    scopes: ['fetch', 'every'],
  },
  {
    name: 'schema',
    operand: 'subject',
    operandValues: SCHEMAS,
    operandDefault: 'answers',
    help: 'Print the JSON Schema of answers for --config, of template.json, or of a registry',
    scopes: ['every'],
  },
  {
    name: 'completion',
    operand: 'shell',
    operandValues: SHELLS,
    help: 'Print what makes a shell complete options and their values',
    scopes: ['every'],
  },
] as const satisfies readonly Command[];

export type CommandName = (typeof COMMANDS)[number]['name'];

export type KnownCommand = Command & { readonly name: CommandName };

/** The command that runs when none is named. */
export const DEFAULT_COMMAND: KnownCommand = COMMANDS[0];

/** A command by the words that a line begins with. A directory of such a name is written as `./name`. */
export function findCommand(words: readonly string[]): KnownCommand | undefined {
  return COMMANDS.find(
    (command) =>
      command !== DEFAULT_COMMAND && wordsOf(command).every((word, at) => word === words[at]),
  );
}

/** `['template', 'new']`; none for the command that runs when none is named. */
export function wordsOf(command: Command): readonly string[] {
  return command === DEFAULT_COMMAND ? [] : command.name.split(' ');
}

/** The second words that the first one goes with; none where it is a command, or no word of one. */
export function secondWordsOf(first: string | undefined): readonly string[] {
  return COMMANDS.map(wordsOf).flatMap(([word, second]) =>
    word === first && second !== undefined ? [second] : [],
  );
}

export function optionsOf(
  { scopes, takes = [] }: Command,
  options: readonly GeneratorOption[] = OPTIONS,
): readonly GeneratorOption[] {
  return options.filter(({ scope, name }) => scopes.includes(scope) || takes.includes(name));
}

/** `create-ai-backend [directory] [options]` */
export function usageOf(command: Command): string {
  const { operand, operandValues, operandDefault } = command;
  const values = operandValues?.join('|');
  return [
    'create-ai-backend',
    ...wordsOf(command),
    ...(operand === undefined
      ? []
      : [values && operandDefault === undefined ? values : `[${values ?? operand}]`]),
    '[options]',
  ].join(' ');
}
