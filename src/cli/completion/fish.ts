import { commandNames, type CommandWords, type Flag, type Words } from './words.js';

/** For `~/.config/fish/completions/create-ai-backend.fish`. */
export function completeInFish(words: Words): string {
  const { usual, others } = words;
  const noCommand = `not __fish_seen_subcommand_from ${commandNames(words)}`;
  const lines = [
    '# fish completion of create-ai-backend',
    `${COMPLETE} -f`,
    `${COMPLETE} -n '${noCommand}' -a '(__fish_complete_directories)'`,
    ...others.map(({ name, help }) => `${COMPLETE} -n '${noCommand}' -a ${name} -d ${quote(help)}`),
    ...flagLines(usual, noCommand),
    ...others.flatMap(commandLines),
  ];
  return lines.join('\n');
}

const COMPLETE = 'complete -c create-ai-backend';

function commandLines(command: CommandWords): readonly string[] {
  const condition = `__fish_seen_subcommand_from ${command.name}`;
  const { operands } = command;
  return [
    ...(operands ? [`${COMPLETE} -n '${condition}' -a '${operands.join(' ')}'`] : []),
    ...flagLines(command, condition),
  ];
}

function flagLines({ flags }: CommandWords, condition: string): readonly string[] {
  return flags.map(
    (flag) => `${COMPLETE} -n '${condition}' -l ${flag.name}${value(flag)} -d ${quote(flag.help)}`,
  );
}

function value({ alias, takes }: Flag): string {
  const short = alias === undefined ? '' : ` -s ${alias}`;
  if (takes === 'nothing') return short;
  if (takes === 'file') return `${short} -r -F`;
  if (takes === 'folder') return `${short} -x -a '(__fish_complete_directories)'`;
  return takes === 'text' ? `${short} -x` : `${short} -x -a '${takes.join(' ')}'`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
