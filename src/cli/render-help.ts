import cliui from 'cliui';
import {
  COMMANDS,
  DEFAULT_COMMAND,
  optionsOf,
  usageOf,
  wordsOf,
  type Command,
  type KnownCommand,
} from '../options/commands.js';
import { SCOPES, type GeneratorOption } from '../options/table.js';
import { VERSION } from '../version.js';

const EXAMPLES = [
  ['create-ai-backend my-ai', 'Ask what is needed, then write ./my-ai'],
  ['create-ai-backend my-ai --yes', 'The same with every default, asking nothing'],
  ['create-ai-backend my-ai --yes --dry-run', 'Show what would be written'],
] as const;

/** The text of `--help`. The command that runs when none is named tells of the others, too. */
export function renderHelp(
  command: KnownCommand,
  offered: readonly GeneratorOption[],
  width: number,
): string {
  const options = optionsOf(command, offered);
  const layout = cliui({ width, wrap: true });
  const left = Math.max(...options.map((option) => flags(option).length)) + 4;
  const row = (first: string, second: string): void => {
    layout.div(
      { text: first, width: left, padding: [0, 2, 0, 2] },
      { text: second, padding: [0, 0, 0, 0] },
    );
  };
  const list = (title: string, entries: readonly (readonly [string, string])[]): void => {
    if (entries.length > 0) layout.div({ text: title, padding: [1, 0, 0, 0] });
    for (const [typed, meaning] of entries) {
      layout.div({ text: typed, padding: [0, 0, 0, 2] });
      layout.div({ text: meaning, padding: [0, 0, 0, 6] });
    }
  };
  layout.div(`create-ai-backend ${VERSION}`);
  layout.div({ text: `Usage: ${usageOf(command)}`, padding: [1, 0, 0, 0] });
  if (command !== DEFAULT_COMMAND) layout.div({ text: command.help, padding: [1, 0, 0, 0] });
  for (const [scope, title] of Object.entries(SCOPES)) {
    const group = options.filter((option) => option.scope === scope);
    if (group.length > 0) layout.div({ text: `${title}:`, padding: [1, 0, 0, 0] });
    for (const option of group) row(flags(option), describe(option));
  }
  if (command === DEFAULT_COMMAND) {
    list('Other commands:', otherCommands());
    list('Examples:', EXAMPLES);
  }
  return layout.toString();
}

/** The text of `--help` for a word that several commands begin with. */
export function renderHelpOn(word: string, width: number): string {
  const layout = cliui({ width, wrap: true });
  layout.div(`create-ai-backend ${VERSION}`);
  layout.div({ text: `Commands of "${word}":`, padding: [1, 0, 0, 0] });
  for (const [usage, help] of otherCommands(word)) {
    layout.div({ text: usage, padding: [0, 0, 0, 2] });
    layout.div({ text: help, padding: [0, 0, 0, 6] });
  }
  layout.div({
    text: `create-ai-backend ${word} <command> --help tells of the options of each.`,
    padding: [1, 0, 0, 0],
  });
  return layout.toString();
}

/** @param word what they begin with, if it matters */
function otherCommands(word?: string): (readonly [string, string])[] {
  const others: readonly Command[] = COMMANDS.slice(1);
  return others
    .filter((command) => word === undefined || wordsOf(command)[0] === word)
    .map((command) => [usageOf(command), command.help]);
}

/** `-y, --yes`, `--[no-]docker`, `--set <key=value>` */
function flags({ name, alias, type, placeholder, default: fallback }: GeneratorOption): string {
  const short = alias === undefined ? '    ' : `-${alias}, `;
  const long = fallback === true ? `--[no-]${name}` : `--${name}`;
  return short + long + (type === 'boolean' ? '' : ` <${placeholder ?? 'value'}>`);
}

/** `Store for jobs and cache: memory or redis (default: memory)` */
function describe(option: GeneratorOption): string {
  const { help, choices, type } = option;
  if (type === 'boolean') return help;
  const values = choices?.map(({ value }) => value) ?? [];
  const fallback = option.defaultHelp ?? option.default;
  return [
    help,
    values.length === 0 ? '' : `: ${values.join(', ')}`,
    fallback === undefined ? '' : ` (default: ${String(fallback)})`,
  ].join('');
}
