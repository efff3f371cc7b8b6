import { COMMANDS, usageOf, type Command } from '../../src/options/commands.js';
import { SCOPES, type GeneratorOption } from '../../src/options/table.js';

/** The README's reference of the command line, in Markdown: every command and every option that is offered. */
export function optionsReference(offered: readonly GeneratorOption[]): string {
  const commands: readonly Command[] = COMMANDS;
  return [
    table(
      ['Command', ''],
      commands.map((command) => [code(usageOf(command)), command.help]),
    ),
    ...Object.entries(SCOPES).map(([scope, title]) => {
      const group = offered.filter((option) => option.scope === scope);
      return table([title, '', 'Default'], group.map(row));
    }),
  ].join('\n');
}

function row(option: GeneratorOption): readonly string[] {
  return [flags(option), meaning(option), fallback(option)];
}

function flags({ name, alias, type, placeholder, ...option }: GeneratorOption): string {
  const short = alias === undefined ? [] : [`-${alias}`];
  const value = type === 'boolean' ? '' : ` <${placeholder ?? 'value'}>`;
  const negated = option.default === true ? [`--no-${name}`] : [];
  return [...short, `--${name}${value}`, ...negated].map(code).join(', ');
}

function meaning({ help, choices }: GeneratorOption): string {
  const values = choices?.map(({ value, hint }) =>
    hint === undefined ? code(value) : `${code(value)} (${hint.replace(/\.$/, '')})`,
  );
  return values ? `${help}: ${values.join(', ')}` : help;
}

function fallback({ defaultHelp, type, ...option }: GeneratorOption): string {
  if (defaultHelp !== undefined) return defaultHelp;
  if (type === 'boolean') return option.default === true ? 'yes' : 'no';
  return option.default === undefined ? '' : code(String(option.default));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`,
  );
  return `${lines.join('\n')}\n`;
}

function code(text: string): string {
  return `\`${text}\``;
}
