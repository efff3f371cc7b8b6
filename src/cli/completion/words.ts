import { COMMANDS, DEFAULT_COMMAND, optionsOf, type Command } from '../../options/commands.js';
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
  const [usual, ...others] = COMMANDS.map((command: Command): CommandWords => ({
    name: command.name,
    help: command.help,
    operands: command.operandValues,
    flags: optionsOf(command, offered).flatMap(toFlags),
  }));
  return { usual: usual ?? { ...DEFAULT_COMMAND, operands: undefined, flags: [] }, others };
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

function takes({ type, choices, placeholder }: GeneratorOption): Takes {
  if (type === 'boolean') return 'nothing';
  if (choices) return choices.map(({ value }) => value);
  return placeholder === 'file' || placeholder === 'folder' ? placeholder : 'text';
}
