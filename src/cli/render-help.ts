import cliui from 'cliui';
import type { GeneratorOption, Scope } from '../options/table.js';
import { VERSION } from '../version.js';

const GROUPS: Readonly<Record<Scope, string>> = {
  project: 'Project:',
  after: 'Afterwards:',
  run: 'This run:',
};

const EXAMPLES = [
  ['create-ai-backend my-ai', 'Ask what is needed, then write ./my-ai'],
  ['create-ai-backend my-ai --yes', 'The same with every default, asking nothing'],
  ['create-ai-backend my-ai --yes --dry-run', 'Show what would be written'],
] as const;

/** The text of `--help`. */
export function renderHelp(options: readonly GeneratorOption[], width: number): string {
  const layout = cliui({ width, wrap: true });
  const left = Math.max(...options.map((option) => flags(option).length)) + 4;
  const row = (first: string, second: string): void => {
    layout.div(
      { text: first, width: left, padding: [0, 2, 0, 2] },
      { text: second, padding: [0, 0, 0, 0] },
    );
  };
  layout.div(`create-ai-backend ${VERSION}`);
  layout.div({ text: 'Usage: create-ai-backend [directory] [options]', padding: [1, 0, 0, 0] });
  for (const [scope, title] of Object.entries(GROUPS)) {
    layout.div({ text: title, padding: [1, 0, 0, 0] });
    const group = options.filter((option) => option.scope === scope);
    for (const option of group) row(flags(option), describe(option));
  }
  layout.div({ text: 'Examples:', padding: [1, 0, 0, 0] });
  for (const [command, meaning] of EXAMPLES) {
    layout.div({ text: command, padding: [0, 0, 0, 2] });
    layout.div({ text: meaning, padding: [0, 0, 0, 6] });
  }
  return layout.toString();
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
