import { COMMANDS, usageOf, type Command } from '../options/commands.js';
import type { GeneratorOption } from '../options/table.js';
import { VERSION } from '../version.js';

/** `--help --json`: a command with its options, and all commands. */
export function describeCommand(command: Command, options: readonly GeneratorOption[]): object {
  const commands: readonly Command[] = COMMANDS;
  return {
    version: VERSION,
    command: command.name,
    usage: usageOf(command),
    help: command.help,
    options: options.map(describeOption),
    commands: commands.map((each) => ({
      name: each.name,
      usage: usageOf(each),
      help: each.help,
    })),
  };
}

function describeOption(option: GeneratorOption): object {
  const { name, alias, scope, type, help, choices, placeholder } = option;
  return {
    name,
    ...(alias === undefined ? {} : { alias }),
    scope,
    type,
    help,
    ...(choices ? { values: choices.map(({ value }) => value) } : {}),
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(option.default === undefined ? {} : { default: option.default }),
  };
}
