import {
  COMMANDS,
  DEFAULT_COMMAND,
  optionsOf,
  secondWordsOf,
  wordsOf,
  type Command,
} from '../../options/commands.js';
import type { GeneratorOption } from '../../options/table.js';

/** All words of the command line, as a shell has to know them. */
export interface Words {
  /** The one that runs when none is named. */
  readonly usual: CommandWords;
  readonly others: readonly CommandWords[];
}

export interface CommandWords {
  readonly name: string;
  readonly help: string;
  /** What it can be given besides options; undefined where that is a directory, or nothing. */
  readonly operands: readonly string[] | undefined;
  readonly flags: readonly Flag[];
}

export interface Flag {
  /** `store`, `no-docker`: without the dashes. */
  readonly name: string;
  readonly alias?: string;
  readonly help: string;
  readonly takes: Takes;
}

export type Takes = 'nothing' | 'file' | 'folder' | 'text' | readonly string[];

export function describeWords(offered: readonly GeneratorOption[]): Words {
  const [usual, ...others] = byFirstWord().map(([name, commands]): CommandWords => ({
    name,
    help: commands.length === 1 ? (commands[0]?.help ?? '') : (GROUPS[name] ?? ''),
    operands: commands.length === 1 ? commands[0]?.operandValues : secondWordsOf(name),
    flags: offered
      .filter((option) => commands.some((command) => optionsOf(command, [option]).length > 0))
      .flatMap(toFlags),
  }));
  return { usual: usual ?? { ...DEFAULT_COMMAND, operands: undefined, flags: [] }, others };
}

/** What commands of two words have in common. */
const GROUPS: Readonly<Record<string, string>> = {
  template: "Make, check and look at templates of one's own",
};

/** Commands by their first word: a shell completes one word after the other. */
function byFirstWord(): [string, readonly Command[]][] {
  const commands: readonly Command[] = COMMANDS;
  const groups = new Map<string, Command[]>();
  for (const command of commands) {
    const word = wordsOf(command)[0] ?? command.name;
    groups.set(word, [...(groups.get(word) ?? []), command]);
  }
  return [...groups];
}

/** Every word that names a command. */
export function commandNames({ others }: Words): string {
  return others.map(({ name }) => name).join(' ');
}

function toFlags(option: GeneratorOption): readonly Flag[] {
  const { name, alias, help } = option;
  const flag: Flag = {
    name,
    ...(alias === undefined ? {} : { alias }),
    help,
    takes: takes(option),
  };
  if (option.default !== true) return [flag];
  return [flag, { name: `no-${name}`, help: `Without: ${help}`, takes: 'nothing' }];
}

/** By what help calls a value: a template is a folder more often than anything else. */
const COMPLETED_AS: Readonly<Record<string, Takes>> = {
  file: 'file',
  'file or URL': 'file',
  folder: 'folder',
  source: 'folder',
};

function takes({ type, choices, placeholder }: GeneratorOption): Takes {
  if (type === 'boolean') return 'nothing';
  if (choices) return choices.map(({ value }) => value);
  return COMPLETED_AS[placeholder ?? ''] ?? 'text';
}
