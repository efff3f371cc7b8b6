import { commandNames, type CommandWords, type Flag, type Takes, type Words } from './words.js';

/** For `~/.bashrc`, by way of `source`. */
export function completeInBash(words: Words): string {
  const { usual, others } = words;
  const flags = new Map(
    [usual, ...others].flatMap((command) => command.flags).map((flag) => [flag.name, flag]),
  );
  return `# bash completion of create-ai-backend
_create_ai_backend() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= words= word
  COMPREPLY=()
  # --option=value arrives as three words
  [ "$current" = = ] && current=
  [ "$previous" = = ] && previous=\${COMP_WORDS[COMP_CWORD - 2]}
  case $previous in
${[...flags.values()].flatMap(valueCase).join('\n')}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      ${others.map(({ name }) => name).join('|')}) command=$word; break ;;
    esac
  done
  case $command in
${others.map(commandCase).join('\n')}
    *) words='${listFlags(usual)} ${commandNames(words)}' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ -z "$command" ] && COMPREPLY+=($(compgen -d -- "$current"))
}
complete -F _create_ai_backend create-ai-backend`;
}

function valueCase({ name, takes }: Flag): string[] {
  if (takes === 'nothing') return [];
  return [`    --${name}) ${offer(takes)}return ;;`];
}

function offer(takes: Takes): string {
  if (takes === 'text' || takes === 'nothing') return '';
  const kind = takes === 'file' ? '-f' : takes === 'folder' ? '-d' : `-W '${takes.join(' ')}'`;
  return `COMPREPLY=($(compgen ${kind} -- "$current")); `;
}

function commandCase(command: CommandWords): string {
  const words = [...(command.operands ?? []), listFlags(command)].join(' ');
  return `    ${command.name}) words='${words}' ;;`;
}

function listFlags({ flags }: CommandWords): string {
  return flags.map(({ name }) => `--${name}`).join(' ');
}
