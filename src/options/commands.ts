import { OPTIONS, type GeneratorOption, type Scope } from './table.js';

export interface Command {
  /** The word that runs it. The first command runs when none of the others is named, and has no word. */
  readonly name: string;
  /** What it takes besides options. */
  readonly operand?: string;
  /** All that the operand can be; it is required then. */
  readonly operandValues?: readonly string[];
  /** One line for `--help`. */
  readonly help: string;
  /** The options that it takes, by their scope. */
  readonly scopes: readonly Scope[];
}

/** The shells that can complete this program's command line. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Everything that can be run; what each of them does is in src/cli, in a file of its own. */
export const COMMANDS = [
  {
    name: 'create',
    operand: 'directory',
    help: 'Write a project',
    scopes: ['source', 'project', 'requirement', 'template', 'after', 'run', 'every'],
  },
  {
    name: 'recommend',
    help: 'Say which framework fits, and why',
    scopes: ['source', 'requirement', 'every'],
  },
  {
    name: 'schema',
    help: 'Print the JSON Schema of a file for --config',
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

/** A command by its word. A directory of that name is written as `./name`. */
export function findCommand(word: string | undefined): KnownCommand | undefined {
  return COMMANDS.find((command) => command !== DEFAULT_COMMAND && command.name === word);
}

export function optionsOf(
  { scopes }: Command,
  options: readonly GeneratorOption[] = OPTIONS,
): readonly GeneratorOption[] {
  return options.filter(({ scope }) => scopes.includes(scope));
}

/** `create-ai-backend [directory] [options]` */
export function usageOf(command: Command): string {
  const { name, operand, operandValues } = command;
  return [
    'create-ai-backend',
    ...(command === DEFAULT_COMMAND ? [] : [name]),
    ...(operand === undefined ? [] : [operandValues?.join('|') ?? `[${operand}]`]),
    '[options]',
  ].join(' ');
}
