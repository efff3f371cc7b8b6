import yargs from 'yargs';
import type { GeneratorOption } from '../options/table.js';
import { VERSION } from '../version.js';

const GROUPS = { project: 'Project:', after: 'Afterwards:', run: 'This run:' } as const;

/** The text of `--help`, laid out by yargs. */
export function renderHelp(options: readonly GeneratorOption[], width: number): Promise<string> {
  const parser = yargs([])
    .scriptName('create-ai-backend')
    .detectLocale(false)
    .help(false)
    .version(false)
    .usage(`create-ai-backend ${VERSION}\n\nUsage: $0 [directory] [options]`)
    .example('$0 my-ai', 'Ask what is needed, then write ./my-ai')
    .example('$0 my-ai --yes', 'The same with every default, asking nothing')
    .example('$0 my-ai --dry-run --yes', 'Show what would be written')
    .wrap(width);
  for (const option of options) {
    parser.option(option.name, {
      describe: describe(option),
      group: GROUPS[option.scope],
      ...(option.alias === undefined ? {} : { alias: option.alias }),
    });
  }
  return parser.getHelp();
}

/** `Store for jobs and cache: memory | redis (default: memory)` */
function describe(option: GeneratorOption): string {
  const { help, choices, placeholder, type, name } = option;
  const fallback = option.defaultHelp ?? option.default;
  if (type === 'boolean') return fallback === true ? `${help} (--no-${name}: without)` : help;
  const values = choices?.map(({ value }) => value).join(' | ') ?? placeholder;
  const shown = values === undefined ? '' : `: ${values}`;
  return `${help}${shown}${fallback === undefined ? '' : ` (default: ${String(fallback)})`}`;
}
